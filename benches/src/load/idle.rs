//! What clients cost while they are idle, and whether it is given back when they have left.

use std::{
    io,
    time::{Duration, Instant},
};

use super::connects::open;
use crate::process::Server;

/// What idle clients took of a server that had just begun.
#[derive(Debug)]
pub(crate) struct Idle {
    /// Resident memory per client of the first round, in bytes.
    pub(crate) memory: f64,
    /// How much of what the clients took the server gave back after the last round, from 0 to 1.
    pub(crate) given_back: f64,
    /// Resident memory after the last round to that before the first client.
    pub(crate) left: f64,
}

const ROUNDS: usize = 3;

/// How long a server may take to give memory back.
const PATIENCE: Duration = Duration::from_secs(15);

/// Has `count` clients connect and leave, three times.
///
/// Nobody has spoken to the server before, so that what it makes once counts as the clients', too.
pub(crate) async fn run(
    server: &Server,
    namespace: &str,
    token: Option<&str>,
    count: usize,
) -> io::Result<Idle> {
    let start = server.memory();
    let (mut memory, mut most, mut rest) = (None, start, start);
    for _ in 0..ROUNDS {
        let clients = open(server, namespace, token, count).await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let connected = server.memory();
        memory.get_or_insert((connected - start) / count as f64);
        most = connected.max(most);
        drop(clients);
        rest = settled(server, start).await;
    }
    Ok(Idle {
        memory: memory.unwrap_or_default(),
        given_back: (most - rest) / (most - start),
        left: rest / start,
    })
}

/// Resident memory once it is near the start's, or when patience has ended.
async fn settled(server: &Server, start: f64) -> f64 {
    let begun = Instant::now();
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let memory = server.memory();
        if memory <= start * 1.05 || begun.elapsed() > PATIENCE {
            return memory;
        }
    }
}
