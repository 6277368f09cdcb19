//! BENCHMARKS.md: the tables between its markers, from what was measured.

use std::{fs, io};

use crate::{
    goals,
    process::folder,
    results::Results,
    scenarios::{AXUM, HYPER, LEAN, ORIGINAL, OURS, SIGNATURE, SOCKETIOXIDE},
    verify,
};

const BEGIN: &str = "<!-- measured: written by benches/run, not by hand -->\n";
const END: &str = "<!-- /measured -->";

/// Replaces what stands between the markers; the prose around them stays.
pub(crate) fn write(results: &Results) -> io::Result<()> {
    let file = folder().join("../BENCHMARKS.md");
    let text = fs::read_to_string(&file)?;
    let parts = text
        .split_once(BEGIN)
        .and_then(|(before, rest)| rest.split_once(END).map(|(_, after)| (before, after)));
    let (before, after) = parts.ok_or_else(|| io::Error::other("BENCHMARKS.md has no markers"))?;
    let tables = format!("{}{}{}", machine(), goals::table(results), all(results));
    fs::write(file, format!("{before}{BEGIN}\n{tables}{END}{after}"))
}

fn all(results: &Results) -> String {
    let http = [OURS, HYPER, AXUM, ORIGINAL];
    let sockets = [OURS, "ioserver, /chat", SOCKETIOXIDE, LEAN, ORIGINAL, "the original, /chat"];
    let cost =
        [("cpu", "CPU, µs"), ("per second", "per second"), ("p50", "p50, ms"), ("p99", "p99, ms")];
    let mut text = String::new();
    let mut add = |title: &str, scenario: &str, rows: &[&str], columns: &[(&str, &str)]| {
        text += &table(results, title, scenario, rows, columns);
    };
    add("GET with JSON", "http-public", &http, &cost);
    for algorithm in ["RS256", "ES256", "EdDSA"] {
        let seen = format!("GET with an {algorithm} token seen before");
        add(&seen, &format!("http-seen-{algorithm}"), &[OURS, ORIGINAL], &cost);
        let first = format!("GET with an {algorithm} token of its own each");
        let rows = [OURS, SIGNATURE, HYPER, AXUM, ORIGINAL];
        add(&first, &format!("http-first-{algorithm}"), &rows, &cost);
    }
    text += &verifications(results);
    let mut add = |title: &str, scenario: &str, rows: &[&str], columns: &[(&str, &str)]| {
        text += &table(results, title, scenario, rows, columns);
    };
    let ordered = [cost.as_slice(), &[("out of order", "out of order")]].concat();
    add("Event with ack, 20 clients with 4 in flight", "acks", &sockets, &ordered);
    add("Clients that connect", "connects", &sockets, &cost[..2]);
    let idle = [
        ("kB each", "memory, kB each"),
        ("given back", "given back"),
        ("to the start", "memory to the start's"),
    ];
    add("Clients that are idle", "idle", &sockets, &idle);
    let heard = [cost[0], cost[2], cost[3]];
    add("Broadcast", "broadcast", &sockets, &heard);
    add("Broadcast, with 10 clients that do not read", "broadcast-stalled", &sockets, &heard);
    add("What should not cost", "scale", &goals::SCALE, &cost[..2]);
    add("Memory at rest", "http-public", &http, &[("MB at rest", "MB")]);
    let apps = ["bench-app", "1,000 routes with schemas", ORIGINAL];
    add("Start to listening", "start", &apps, &[("ms", "ms")]);
    text
}

/// Verifications per second of processor time, and as ratios to aws-lc-rs alone.
fn verifications(results: &Results) -> String {
    let heads = verify::COLUMNS.join(" | ");
    let mut text = format!(
        "### Verifications of a token, per second of processor time\n\n| | {heads} |\n|---|{}\n",
        "---:|".repeat(verify::COLUMNS.len())
    );
    for algorithm in verify::ALGORITHMS {
        let rate = |column| results.median("verify", algorithm.as_str(), column);
        let Some(bare) = rate(verify::COLUMNS[0]) else { return String::new() };
        let cell = |column| {
            rate(column).map_or_else(String::new, |own| format!("{own:.0} ({:.2})", own / bare))
        };
        let cells: Vec<_> = verify::COLUMNS.into_iter().map(cell).collect();
        text += &format!("| {} | {} |\n", algorithm.as_str(), cells.join(" | "));
    }
    let rounds = results.rounds("verify");
    text + &format!(
        "\nMedians of {rounds} rounds: `benches/run --only verify`. In brackets: to aws-lc-rs alone.\n\n"
    )
}

/// One scenario: a row for each server, the first column also as a ratio to the first row's.
fn table(
    results: &Results,
    title: &str,
    scenario: &str,
    rows: &[&str],
    columns: &[(&str, &str)],
) -> String {
    let (metric, _) = columns[0];
    let Some(first) = rows.iter().find_map(|row| results.median(scenario, row, metric)) else {
        return String::new();
    };
    let heads: Vec<_> = columns.iter().map(|(_, head)| *head).collect();
    let mut text = format!("### {title}\n\n| | ratio | {} |\n|---|", heads.join(" | "));
    text += &"---:|".repeat(columns.len() + 1);
    text += "\n";
    for row in rows {
        let Some(own) = results.median(scenario, row, metric) else { continue };
        let figure = |(metric, _): &(&str, &str)| {
            results.median(scenario, row, metric).map_or_else(String::new, figure)
        };
        let figures: Vec<_> = columns.iter().map(figure).collect();
        text += &format!("| {row} | {:.2} | {} |\n", own / first, figures.join(" | "));
    }
    let command = format!("benches/run --only {scenario}");
    text + &format!("\nMedians of {} rounds: `{command}`.\n\n", results.rounds(scenario))
}

/// Three digits that count.
fn figure(number: f64) -> String {
    match number.abs() {
        size if size >= 1000.0 => format!("{:.0}", number),
        size if size >= 100.0 => format!("{number:.0}"),
        size if size >= 10.0 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

/// What it was measured on.
fn machine() -> String {
    let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
    let value = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let (cpu, memory) = (read("/proc/cpuinfo"), read("/proc/meminfo"));
    let cores = cpu.lines().filter(|line| line.starts_with("processor")).count();
    let model = value(&cpu, "model name").unwrap_or_else(|| "an unknown processor".into());
    let kilobytes = value(&memory, "MemTotal").unwrap_or_default();
    let kilobytes = kilobytes.split(' ').next().and_then(|number| number.parse::<f64>().ok());
    let gigabytes = kilobytes.unwrap_or_default() / f64::from(1 << 20);
    let kernel = read("/proc/sys/kernel/osrelease");
    format!(
        "Measured on {model}, {cores} cores, {gigabytes:.0} GiB, Linux {}, {}, Node.js {}. The server has a core to itself, the load the other.\n\n",
        kernel.split('-').next().unwrap_or_default().trim(),
        version("rustc"),
        version("node"),
    )
}

fn version(program: &str) -> String {
    let output = std::process::Command::new(program).arg("--version").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let text = text.unwrap_or_default();
    text.split(" (").next().unwrap_or_default().trim().to_owned()
}
