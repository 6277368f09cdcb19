//! `benches/run`: measures our app beside others, and writes the tables of BENCHMARKS.md.

mod goals;
mod instructions;
mod load;
mod options;
mod process;
mod report;
mod results;
mod scenarios;
mod verify;

use std::{io, path::Path, process::ExitCode};

use ioserver_bench::issuer::{Algorithm, Issuer};
use options::{Command, Options};
use results::Results;
use scenarios::Bench;

fn main() -> ExitCode {
    let outcome = options::parse(std::env::args().skip(1)).and_then(|command| {
        process::pin(); // before there are other threads
        tokio::runtime::Runtime::new()?.block_on(run(command))
    });
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("benches/run: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> io::Result<ExitCode> {
    match command {
        Command::Measure(options) => measure(&options).await.map(|()| ExitCode::SUCCESS),
        Command::Report => report::write(&Results::load()).map(|()| ExitCode::SUCCESS),
        Command::Instructions { keep } => instructions::check(keep).await,
    }
}

/// Rounds are interleaved: each scenario and each server has its turn in each of them, so that what
/// the machine does meanwhile strikes all alike.
async fn measure(options: &Options) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let (issuer, crowded) = (Issuer::start(0).await?, Issuer::start(97).await?);
    write_tokens(&issuer, &crowded, folder.path(), options)?;
    let mut bench = Bench {
        issuer,
        crowded,
        tokens: folder.path().into(),
        time: options.time,
        sockets: options.sockets,
        results: Results::load(),
    };
    for scenario in &options.scenarios {
        bench.results.forget(scenario);
    }
    for round in 1..=options.rounds {
        for scenario in &options.scenarios {
            eprintln!("round {round} of {}: {scenario}", options.rounds);
            bench.round(scenario).await?;
        }
        bench.results.save()?;
    }
    report::write(&bench.results)
}

/// The tokens for requests of which each has its own.
fn write_tokens(
    issuer: &Issuer,
    crowded: &Issuer,
    folder: &Path,
    options: &Options,
) -> io::Result<()> {
    let file = |issuer: &Issuer, algorithm, name: &str| {
        let tokens = (0..options.tokens).map(|number| issuer.token(algorithm, number) + "\n");
        std::fs::write(folder.join(name), tokens.collect::<String>())
    };
    for algorithm in Algorithm::ALL {
        if options.wants(&format!("http-first-{}", algorithm.name())) {
            file(issuer, algorithm, algorithm.name())?;
        }
    }
    if options.wants("keys") {
        file(crowded, Algorithm::Es256, "crowded")?;
    }
    Ok(())
}
