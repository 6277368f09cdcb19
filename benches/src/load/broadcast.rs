//! Broadcasts to many clients, with and without some that do not read.

use std::{
    io,
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::{
    task::JoinSet,
    time::{interval, timeout},
};

use super::{Latencies, broken};
use crate::process::Server;
use ioserver_bench::client::{Client, Target};

/// What the clients that read saw.
#[derive(Debug)]
pub(crate) struct Broadcasts {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    /// The server's CPU time per client and message, in microseconds.
    pub(crate) cpu: f64,
}

/// How a broadcast is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) readers: usize,
    /// Clients that connect and never read again.
    pub(crate) stalled: usize,
    pub(crate) messages: usize,
}

const PAYLOAD: usize = 1_000;
const GAP: Duration = Duration::from_millis(50);

/// Broadcasts `messages` of 1 kB, one each 50 ms, to everyone in the namespace.
pub(crate) async fn run(server: &Server, plan: Plan) -> io::Result<Broadcasts> {
    let target = Target { address: &server.address, namespace: "/", token: None };
    let mut stalled = Vec::new();
    for _ in 0..plan.stalled {
        stalled.push(Client::connect(target).await?);
    }
    let mut readers = Vec::new();
    for _ in 0..plan.readers {
        readers.push(Client::connect(target).await?);
    }
    let mut sender = Client::connect(target).await?;
    let (before, epoch) = (server.cpu(), Instant::now());
    let mut running = JoinSet::new();
    for reader in readers {
        running.spawn(read(reader, plan.messages, epoch));
    }
    let filler = "x".repeat(PAYLOAD);
    let mut clock = interval(GAP);
    for _ in 0..plan.messages {
        clock.tick().await;
        let sent = epoch.elapsed().as_nanos() as u64;
        sender.emit("broadcast", None, &json!([sent, filler])).await?;
    }
    let mut latencies = Latencies::default();
    let all = async {
        while let Some(finished) = running.join_next().await {
            latencies.append(finished.map_err(io::Error::other)??);
        }
        Ok::<_, io::Error>(())
    };
    let patience = timeout(Duration::from_secs(30), all).await;
    patience.map_err(|_| broken("broadcasts got lost: a reader did not hear all of them"))??;
    let cpu = server.cpu() - before;
    let deliveries = latencies.len() as f64;
    Ok(Broadcasts {
        p50: latencies.percentile(50),
        p99: latencies.percentile(99),
        cpu: cpu.as_secs_f64() * 1e6 / deliveries,
    })
}

async fn read(mut client: Client, messages: usize, epoch: Instant) -> io::Result<Latencies> {
    let mut latencies = Latencies::default();
    for _ in 0..messages {
        let packet = client.next().await?;
        let arrived = epoch.elapsed();
        let data = packet.strip_prefix("42[\"broadcast\",[").and_then(|data| data.split_once(','));
        let sent = data.and_then(|(sent, _)| sent.parse().ok()).map(Duration::from_nanos);
        let sent = sent.ok_or_else(|| broken(format!("`{packet}` is no broadcast")))?;
        latencies.push(arrived.saturating_sub(sent));
    }
    Ok(latencies)
}
