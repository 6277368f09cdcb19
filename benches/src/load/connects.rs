//! Connecting clients: how many a second.

use std::{io, time::Instant};

use tokio::task::JoinSet;

use crate::process::Server;
use ioserver_bench::client::{Client, Target};

/// What connecting cost.
#[derive(Debug)]
pub(crate) struct Connects {
    pub(crate) per_second: f64,
    /// The server's CPU time per client, in microseconds.
    pub(crate) cpu: f64,
}

const AT_ONCE: usize = 64;

/// Connects `count` clients, and lets them go again.
pub(crate) async fn run(
    server: &Server,
    namespace: &str,
    token: Option<&str>,
    count: usize,
) -> io::Result<Connects> {
    drop(open(server, namespace, token, 100).await?); // what is made once is not a client's
    let (before, begun) = (server.cpu(), Instant::now());
    let _clients = open(server, namespace, token, count).await?;
    let (cpu, took) = (server.cpu() - before, begun.elapsed());
    let count = count as f64;
    Ok(Connects { per_second: count / took.as_secs_f64(), cpu: cpu.as_secs_f64() * 1e6 / count })
}

/// Connects `count` clients, 64 at a time.
pub(super) async fn open(
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
