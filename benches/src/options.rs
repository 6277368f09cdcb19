//! The command line.

use std::{io, time::Duration};

use crate::scenarios::ALL;

/// What `benches/run` is asked for.
#[derive(Debug)]
pub(crate) enum Command {
    Measure(Options),
    /// Writes BENCHMARKS.md anew, from what was measured last.
    Report,
    /// Counts instructions; `keep` takes the counts over as what is expected.
    Instructions {
        keep: bool,
    },
}

/// How to measure.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) scenarios: Vec<&'static str>,
    pub(crate) rounds: usize,
    pub(crate) time: Duration,
    pub(crate) sockets: usize,
    pub(crate) tokens: usize,
}

impl Options {
    pub(crate) fn wants(&self, scenario: &str) -> bool {
        self.scenarios.contains(&scenario)
    }
}

const HELP: &str = "\
benches/run [--only PREFIX[,PREFIX…]] [--rounds 5] [--seconds 4] [--sockets 10000] [--tokens 40000]
benches/run report
benches/run instructions [--keep]";

pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> io::Result<Command> {
    let mut options = Options {
        scenarios: ALL.to_vec(),
        rounds: 5,
        time: Duration::from_secs(4),
        sockets: 10_000,
        tokens: 40_000,
    };
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "report" => return Ok(Command::Report),
            "instructions" => {
                return Ok(Command::Instructions { keep: arguments.any(|word| word == "--keep") });
            }
            "--only" => {
                let wanted = arguments.next().unwrap_or_default();
                let wanted: Vec<_> = wanted.split(',').collect();
                options.scenarios.retain(|name| wanted.iter().any(|want| name.starts_with(want)));
            }
            "--rounds" => options.rounds = number(arguments.next())?,
            "--seconds" => options.time = Duration::from_secs(number(arguments.next())? as u64),
            "--sockets" => options.sockets = number(arguments.next())?,
            "--tokens" => options.tokens = number(arguments.next())?,
            _ => return Err(io::Error::other(HELP)),
        }
    }
    match options.scenarios.is_empty() {
        true => Err(io::Error::other(format!("--only leaves nothing of: {}", ALL.join(", ")))),
        false => Ok(Command::Measure(options)),
    }
}

fn number(text: Option<String>) -> io::Result<usize> {
    let number = text.and_then(|text| text.parse().ok()).filter(|&number| number > 0);
    number.ok_or_else(|| io::Error::other(HELP))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> io::Result<Command> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_prefix_chooses_scenarios() {
        let Ok(Command::Measure(options)) = parsed("--only http-seen,acks --rounds 2") else {
            panic!("it is a measurement");
        };
        assert_eq!(options.scenarios.len(), 4);
        assert!(options.rounds == 2 && options.wants("acks") && !options.wants("idle"));
    }

    #[test]
    fn what_is_unknown_or_leaves_nothing_is_refused() {
        assert!(parsed("--fast").is_err() && parsed("--rounds 0").is_err());
        assert!(parsed("--only nothing").unwrap_err().to_string().contains("http-public"));
    }
}
