//! HTTP load, by wrk.

use std::{io, path::Path, time::Duration};

use tokio::process::Command;

use super::broken;
use crate::process::{Server, folder, pinned};

/// What wrk and the server's process say of one run.
#[derive(Debug)]
pub(crate) struct Http {
    pub(crate) per_second: f64,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    /// The server's CPU time per request, in microseconds.
    pub(crate) cpu: f64,
}

/// Whose requests they are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum As<'a> {
    Nobody,
    /// The same token in each request.
    Token(&'a str),
    /// A token of its own in each request, from a file of one a line; wrk stops at its end.
    Tokens(&'a Path),
}

/// Asks for `path` on 32 connections; fails if an answer is none of the 2xx.
pub(crate) async fn run(
    server: &Server,
    path: &str,
    who: As<'_>,
    time: Duration,
) -> io::Result<Http> {
    let mut words = pinned(1);
    words.extend(["wrk", "-t1", "-c32", "--latency"].map(String::from));
    words.push(format!("-d{}s", time.as_secs().max(1)));
    let mut script = None;
    match who {
        As::Nobody => {}
        As::Token(token) => words.push(format!("-Hauthorization: Bearer {token}")),
        As::Tokens(file) => {
            let lua = folder().join("tokens.lua").display().to_string();
            words.extend(["-s".into(), lua]);
            script = Some(file);
        }
    }
    words.push(format!("http://{}{path}", server.address));
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).envs(script.map(|file| ("TOKENS", file)));
    let before = server.cpu();
    let output = command.output().await?;
    let cpu = server.cpu() - before;
    let text = String::from_utf8_lossy(&output.stdout);
    parse(&text, cpu).ok_or_else(|| broken(format!("{}: wrk said:\n{text}", server.address)))
}

fn parse(text: &str, cpu: Duration) -> Option<Http> {
    let line = |part: &str| text.lines().find(|line| line.contains(part)).map(str::trim);
    if line("Non-2xx").is_some() || line("Socket errors").is_some() {
        return None;
    }
    let requests: f64 = line(" requests in ")?.split(' ').next()?.parse().ok()?;
    let per_second = line("Requests/sec:")?.split_whitespace().nth(1)?.parse().ok()?;
    let percentile = |name| {
        let mut lines = text.lines().map(str::trim);
        milliseconds(lines.find_map(|line| line.strip_prefix(name))?.trim())
    };
    let cpu = cpu.as_secs_f64() * 1e6 / requests;
    Some(Http { per_second, p50: percentile("50%")?, p99: percentile("99%")?, cpu })
}

fn milliseconds(text: &str) -> Option<f64> {
    let unit = text.find(|letter: char| letter.is_ascii_alphabetic())?;
    let number: f64 = text[..unit].parse().ok()?;
    match &text[unit..] {
        "us" => Some(number / 1e3),
        "ms" => Some(number),
        "s" => Some(number * 1e3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "Running 1s test @ http://127.0.0.1:1/
    Req/Sec    41.92k     1.04k   44.63k    62.50%
  Latency Distribution
     50%  612.00us
     75%    0.70ms
     90%    0.80ms
     99%    1.25ms
  41234 requests in 1.00s, 7.00MB read
Requests/sec:  41000.50
";

    #[test]
    fn wrks_words_are_read() {
        let http = parse(OUTPUT, Duration::from_millis(500)).unwrap();
        assert!((http.p50 - 0.612).abs() < 1e-9 && (http.p99 - 1.25).abs() < 1e-9);
        assert!((http.per_second - 41000.5).abs() < 1e-9);
        assert!((http.cpu - 12.126).abs() < 0.01);
    }

    #[test]
    fn a_run_with_refusals_is_no_measurement() {
        let refused = format!("{OUTPUT}  Non-2xx or 3xx responses: 1\n");
        assert!(parse(&refused, Duration::from_secs(1)).is_none());
    }
}
