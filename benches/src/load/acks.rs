//! Events with acks in flight: how many, how quick, and whether in order.

use std::{
    collections::VecDeque,
    io,
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::task::JoinSet;

use super::{Latencies, broken};
use crate::process::Server;
use ioserver_bench::client::{Client, Target};

/// What came back.
#[derive(Debug)]
pub(crate) struct Acks {
    pub(crate) count: f64,
    pub(crate) per_second: f64,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    /// How many came before an earlier one, of all.
    pub(crate) out_of_order: f64,
    /// The server's CPU time per ack, in microseconds.
    pub(crate) cpu: f64,
}

const CLIENTS: usize = 20;
const IN_FLIGHT: usize = 4;

/// Emits `echo` with 64 bytes from 20 clients, each with 4 events in flight.
pub(crate) async fn run(
    server: &Server,
    namespace: &str,
    token: Option<&str>,
    time: Duration,
) -> io::Result<Acks> {
    let target = Target { address: &server.address, namespace, token };
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(Client::connect(target).await?);
    }
    let (before, begun) = (server.cpu(), Instant::now());
    let mut running = JoinSet::new();
    for client in clients {
        running.spawn(talk(client, begun + time));
    }
    let (mut latencies, mut out_of_order) = (Latencies::default(), 0);
    while let Some(finished) = running.join_next().await {
        let (own, late) = finished.map_err(io::Error::other)??;
        latencies.append(own);
        out_of_order += late;
    }
    let (cpu, took) = (server.cpu() - before, begun.elapsed().as_secs_f64());
    let count = latencies.len() as f64;
    Ok(Acks {
        count,
        per_second: count / took,
        p50: latencies.percentile(50),
        p99: latencies.percentile(99),
        out_of_order: f64::from(out_of_order),
        cpu: cpu.as_secs_f64() * 1e6 / count,
    })
}

async fn talk(mut client: Client, end: Instant) -> io::Result<(Latencies, u32)> {
    let data = json!({ "text": "0123456789012345678901234567890123456789012345678901" });
    let (mut latencies, mut out_of_order) = (Latencies::default(), 0);
    let mut waiting: VecDeque<(u64, Instant)> = VecDeque::new();
    let mut id = 0;
    loop {
        while waiting.len() < IN_FLIGHT && Instant::now() < end {
            id += 1;
            waiting.push_back((id, Instant::now()));
            client.emit("echo", Some(id), &data).await?;
        }
        if waiting.is_empty() {
            return Ok((latencies, out_of_order));
        }
        let packet = client.next().await?;
        let acked = client.ack_id(&packet);
        let place = waiting.iter().position(|(id, _)| Some(*id) == acked);
        let place = place.ok_or_else(|| broken(format!("`{packet}` is no ack we wait for")))?;
        out_of_order += u32::from(place > 0);
        if let Some((_, sent)) = waiting.remove(place) {
            latencies.push(sent.elapsed());
        }
    }
}
