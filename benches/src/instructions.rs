//! How many instructions the hottest paths take: callgrind's counts are the same on each run, so a
//! regression shows that no clock would.

use std::{collections::BTreeMap, fs, io, path::PathBuf, process::ExitCode};

use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use ioserver_bench::{
    client::{Client, Target},
    issuer::{Algorithm, Issuer},
};

use crate::{
    load::broken,
    process::{self, Program, folder},
};

/// How far a count may be above what is expected before the check fails, or below it before it says
/// that the expectation is stale. Connections have timers, so a server whose machine is busy spends
/// up to 4 % more on its clock.
const MARGIN: f64 = 0.1;

/// Counted twice, so that the difference leaves out the start and the first request.
const FEW: u32 = 200;
const MANY: u32 = 2_200;

/// The least of so many counts is taken: a busy machine splits reads and wakes workers once more,
/// which only ever adds.
const TRIES: u32 = 3;

/// Instructions per operation, by path.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Counts(BTreeMap<String, f64>);

/// Something a client asks for again and again, on one connection.
#[derive(Clone, Copy, Debug)]
enum Path {
    Public,
    Token,
    Ack,
}

impl Path {
    const ALL: [Self; 3] = [Self::Public, Self::Token, Self::Ack];

    fn name(self) -> &'static str {
        match self {
            Self::Public => "public GET",
            Self::Token => "GET with a token seen before",
            Self::Ack => "event with ack",
        }
    }

    /// The least that can do it, for comparison.
    fn bare(self) -> Option<&'static str> {
        match self {
            Self::Public => Some("bare-hyper"),
            Self::Token => None, // it would check the signature each time
            Self::Ack => Some("bare-socketioxide"),
        }
    }

    async fn walk(self, address: &str, times: u32, issuer: &Issuer) -> io::Result<()> {
        match self {
            Self::Public => get(address, "/api/hello", "", times).await,
            Self::Token => {
                let token = issuer.token(Algorithm::EdDsa, 0);
                let header = format!("authorization: Bearer {token}\r\n");
                get(address, "/secure/me", &header, times).await
            }
            Self::Ack => ack(address, times).await,
        }
    }
}

/// Counts, and compares with what is expected; `keep` takes the counts over instead.
pub(crate) async fn check(keep: bool) -> io::Result<ExitCode> {
    let expected: Counts =
        serde_json::from_str(&fs::read_to_string(file()).unwrap_or_default()).unwrap_or_default();
    let issuer = Issuer::start(0).await?;
    let (mut counts, mut failed) = (Counts::default(), 0);
    for path in Path::ALL {
        let each = each(path, "bench-app", &issuer).await?;
        counts.0.insert(path.name().to_owned(), each);
        let known = expected.0.get(path.name()).copied().unwrap_or_default();
        let good = each <= known * (1.0 + MARGIN);
        failed += usize::from(!good);
        let verdict = match () {
            () if !good => "REGRESSED",
            () if each < known * (1.0 - MARGIN) => {
                "better: keep it with `benches/run instructions --keep`"
            }
            () => "as expected",
        };
        println!("{}: {each} instructions, {known} expected: {verdict}", path.name());
        if let Some(bare) = path.bare() {
            let least = self::each(path, bare, &issuer).await?;
            println!("  {:.2} times the {least} of {bare}", each / least);
        }
    }
    if keep {
        fs::write(file(), serde_json::to_string_pretty(&counts)? + "\n")?;
        return Ok(ExitCode::SUCCESS);
    }
    println!("{} passed, {failed} failed", Path::ALL.len() - failed);
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Instructions for each operation.
async fn each(path: Path, program: &str, issuer: &Issuer) -> io::Result<f64> {
    let (mut few, mut many) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..TRIES {
        few = few.min(count(path, program, FEW, issuer).await?);
        many = many.min(count(path, program, MANY, issuer).await?);
    }
    Ok(((many - few) / f64::from(MANY - FEW)).round())
}

/// All instructions of a server from start to end that is asked so many times. Callgrind's file stays
/// beside the programs, for `callgrind_annotate`.
async fn count(path: Path, program: &str, times: u32, issuer: &Issuer) -> io::Result<f64> {
    let folder = process::built("callgrind");
    fs::create_dir_all(&folder)?;
    let output = folder.join(format!("{program}-{}-{times}", path.name()).replace(' ', "-"));
    let valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file"].map(str::to_owned);
    let mut valgrind = valgrind.to_vec();
    valgrind[2] += &format!("={}", output.display());
    // One worker: how idle workers look for work is chance.
    let program = Program::built(program).set("TOKIO_WORKER_THREADS", "1");
    let server = program.start_under(&valgrind, issuer).await?;
    path.walk(&server.address, times, issuer).await?;
    server.stop().await?;
    let text = fs::read_to_string(&output)?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
    let total = total.and_then(|total| total.trim().parse().ok());
    total.ok_or_else(|| broken("callgrind wrote no totals"))
}

async fn get(address: &str, path: &str, header: &str, times: u32) -> io::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n{header}\r\n");
    let mut answer = [0; 4096];
    for _ in 0..times {
        stream.write_all(request.as_bytes()).await?;
        let length = stream.read(&mut answer).await?; // small enough to come in one piece
        if !answer[..length].starts_with(b"HTTP/1.1 200 ") {
            return Err(broken(format!("{path} is not answered with 200")));
        }
    }
    Ok(())
}

async fn ack(address: &str, times: u32) -> io::Result<()> {
    let target = Target { address, namespace: "/", token: None };
    let mut client = Client::connect(target).await?;
    for id in 1..=u64::from(times) {
        client.emit("echo", Some(id), &json!({ "text": "as long as a short message" })).await?;
        let packet = client.next().await?;
        if client.ack_id(&packet) != Some(id) {
            return Err(broken(format!("`{packet}` is no ack of {id}")));
        }
    }
    Ok(())
}

fn file() -> PathBuf {
    folder().join("instructions.json")
}
