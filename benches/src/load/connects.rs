//! Connecting clients: how many a second, and what they cost while they are idle.

use std::{
    io,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use crate::process::Server;
use ioserver_bench::client::{Client, Target};

/// What connecting cost.
#[derive(Debug)]
pub(crate) struct Connects {
    pub(crate) per_second: f64,
    /// The server's CPU time per client, in microseconds.
    pub(crate) cpu: f64,
    /// Resident memory per client that is connected and idle, in bytes.
    pub(crate) memory: f64,
    /// How much of that the server gave back, from 0 to 1, five seconds after they left.
    pub(crate) given_back: f64,
}

const AT_ONCE: usize = 64;

/// Connects `count` clients, 64 at a time, and lets them go again.
pub(crate) async fn run(
    server: &Server,
    namespace: &str,
    token: Option<&str>,
    count: usize,
) -> io::Result<Connects> {
    drop(open(server, namespace, token, 100).await?); // what is made once is not a client's
    let at_rest = server.memory();
    let (before, begun) = (server.cpu(), Instant::now());
    let clients = open(server, namespace, token, count).await?;
    let (cpu, took) = (server.cpu() - before, begun.elapsed());
    tokio::time::sleep(Duration::from_secs(1)).await;
    let connected = server.memory();
    drop(clients);
    tokio::time::sleep(Duration::from_secs(5)).await;
    let count = count as f64;
    Ok(Connects {
        per_second: count / took.as_secs_f64(),
        cpu: cpu.as_secs_f64() * 1e6 / count,
        memory: (connected - at_rest) / count,
        given_back: (connected - server.memory()) / (connected - at_rest),
    })
}

async fn open(
    server: &Server,
    namespace: &str,
    token: Option<&str>,
    count: usize,
) -> io::Result<Vec<Client>> {
    let mut running = JoinSet::new();
    for part in 0..AT_ONCE {
        let share = count / AT_ONCE + usize::from(part < count % AT_ONCE);
        let (address, namespace) = (server.address.clone(), namespace.to_owned());
        let token = token.map(str::to_owned);
        running.spawn(async move {
            let (namespace, token) = (&*namespace, token.as_deref());
            let mut clients = Vec::with_capacity(share);
            for _ in 0..share {
                let target = Target { address: &address, namespace, token };
                clients.push(Client::connect(target).await?);
            }
            Ok::<_, io::Error>(clients)
        });
    }
    let mut clients = Vec::with_capacity(count);
    while let Some(finished) = running.join_next().await {
        clients.append(&mut finished.map_err(io::Error::other)??);
    }
    Ok(clients)
}
