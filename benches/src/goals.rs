//! What we promise, as ratios within one run.

use crate::{
    results::Results,
    scenarios::{AXUM, HYPER, LEAN, ORIGINAL, OURS, SIGNATURE, SOCKETIOXIDE, stripped_size},
};

/// The rows of the scenario `scale`: the first is what the others are held against.
pub(crate) const SCALE: [&str; 6] = [
    "as it is",
    "10,000 routes",
    "1,000 namespaces",
    "20 middlewares elsewhere",
    "20 own middlewares",
    "20 own hooks",
];

const CHAT: &str = "ioserver, /chat";
const ALGORITHMS: [&str; 3] = ["RS256", "ES256", "EdDSA"];

struct Goal {
    number: u8,
    what: String,
    measured: Option<f64>,
    target: Target,
    scenario: &'static str,
}

#[derive(Clone, Copy)]
enum Target {
    AtMost(f64, &'static str),
    AtLeast(f64, &'static str),
    /// A figure to state.
    Stated(&'static str),
}

/// A row for each goal: target, figure, whether it is met, and the command that gives it.
pub(crate) fn table(results: &Results) -> String {
    let mut text = String::from(
        "### Goals\n\n| | goal | target | measured | | command |\n|---|---|---:|---:|---|---|\n",
    );
    for goal in goals(results) {
        text += &row(&goal);
    }
    text + "\n"
}

fn row(Goal { number, what, measured, target, scenario }: &Goal) -> String {
    let (limit, unit) = match target {
        Target::AtMost(limit, unit) => (format!("≤ {limit}{unit}"), *unit),
        Target::AtLeast(limit, unit) => (format!("≥ {limit}{unit}"), *unit),
        Target::Stated(unit) => ("stated".to_owned(), *unit),
    };
    let figure = measured.map_or("not measured".to_owned(), |figure| format!("{figure:.2}{unit}"));
    let verdict = match (target, measured) {
        (Target::AtMost(limit, _), Some(figure)) if figure <= limit => "met",
        (Target::AtLeast(limit, _), Some(figure)) if figure >= limit => "met",
        (Target::Stated(_), _) | (_, None) => "",
        _ => "**missed**",
    };
    format!(
        "| {number} | {what} | {limit} | {figure} | {verdict} | `benches/run --only {scenario}` |\n"
    )
}

fn goals(results: &Results) -> Vec<Goal> {
    let mut goals = vec![];
    let mut add = |number, what: &str, measured, target, scenario| {
        goals.push(Goal { number, what: what.to_owned(), measured, target, scenario });
    };
    let ratio = |scenario: &str, own: &str, other: &str, metric: &str| {
        Some(results.median(scenario, own, metric)? / results.median(scenario, other, metric)?)
    };
    let cpu = |scenario: &str, server: &str| results.median(scenario, server, "cpu");
    let times = |limit| Target::AtMost(limit, " ×");

    let public = |other| ratio("http-public", OURS, other, "cpu");
    add(1, "public GET: CPU to bare hyper's", public(HYPER), times(1.25), "http-public");
    add(1, "public GET: CPU to axum's", public(AXUM), times(1.1), "http-public");
    for algorithm in ALGORITHMS {
        let seen = cpu(&format!("http-seen-{algorithm}"), OURS);
        let seen = seen.zip(cpu("http-public", OURS)).map(|(seen, public)| seen / public);
        let what = format!("{algorithm} token seen before: CPU to the public GET's");
        add(2, &what, seen, times(1.35), "http-");
        let first = first_sight(results, algorithm);
        let what =
            format!("{algorithm} token at first sight: CPU above signature check and public GET");
        add(2, &what, first, Target::AtMost(3.0, " µs"), "http-");
    }
    let acks = |own| ratio("acks", own, SOCKETIOXIDE, "cpu");
    add(3, "event with ack: CPU to bare socketioxide's", acks(OURS), times(1.15), "acks");
    let late = results.median("acks", OURS, "out of order");
    add(3, "acks out of order", late, Target::AtMost(0.0, ""), "acks");
    let connects = ratio("connects", CHAT, SOCKETIOXIDE, "per second");
    let least = Target::AtLeast(0.8, " ×");
    add(4, "connects with a token, a second, to bare socketioxide's", connects, least, "connects");
    let idle = ratio("idle", CHAT, LEAN, "kB each");
    add(
        5,
        "idle socket with a token: memory to lean bare socketioxide's",
        idle,
        times(1.0),
        "idle",
    );
    let each = results.median("idle", CHAT, "kB each");
    add(5, "idle socket with a token: memory", each, Target::AtMost(16.0, " kB"), "idle");
    let left = results.median("idle", CHAT, "to the start");
    add(5, "memory after three storms to that before the first client", left, times(1.1), "idle");
    let heard = ratio("broadcast", OURS, ORIGINAL, "p99");
    add(6, "broadcast: p99 to the original's", heard, times(1.0), "broadcast");
    let stalled = results.median("broadcast-stalled", OURS, "p99");
    let stalled = stalled.zip(results.median("broadcast", OURS, "p99"));
    let stalled = stalled.map(|(stalled, alone)| stalled / alone);
    add(
        6,
        "broadcast beside clients that do not read: p99 to that without",
        stalled,
        times(1.1),
        "broadcast",
    );
    for row in &SCALE[1..4] {
        let what = format!("{row}: CPU of the public GET to that without");
        add(7, &what, ratio("scale", row, SCALE[0], "cpu"), times(1.03), "scale");
    }
    let crowded = cpu("keys", "100 keys").zip(cpu("http-first-ES256", OURS));
    let crowded = crowded.map(|(crowded, alone)| crowded / alone);
    add(
        7,
        "100 keys in the set: CPU of a token at first sight to that with 3",
        crowded,
        times(1.03),
        "keys,http-first-ES256",
    );
    for row in &SCALE[4..] {
        let slope =
            cpu("scale", row).zip(cpu("scale", SCALE[0])).map(|(own, none)| (own - none) / 20.0);
        add(7, &format!("{row}: CPU for each"), slope, Target::Stated(" µs"), "scale");
    }
    let start = results.median("start", "1,000 routes with schemas", "ms");
    add(
        8,
        "start to listening, 1,000 routes with schemas",
        start,
        Target::AtMost(50.0, " ms"),
        "start",
    );
    let size = stripped_size("example-oidc");
    add(8, "examples/oidc, release, stripped", size, Target::AtMost(15.0, " MB"), "start");
    goals
}

/// What a first sight costs above the signature check and a public GET. The check is that of bare
/// hyper in requests like ours: alone in a loop, over one token, it finds every cache warm.
fn first_sight(results: &Results, algorithm: &str) -> Option<f64> {
    let first = results.median(&format!("http-first-{algorithm}"), OURS, "cpu")?;
    let public = |server| results.median("http-public", server, "cpu");
    let bare = results.median(&format!("http-first-{algorithm}"), SIGNATURE, "cpu")?;
    let signature = bare - public(HYPER)?;
    Some(first - signature - public(OURS)?)
}
