//! What sockets cost, and that nothing of them is left when they have gone.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use ioserver::{RunningServer, SocketOptions};
use ioserver_tests::{
    echo::serve,
    protocol::{Polling, Wire, soon},
};

const CLIENTS: usize = 500;

/// This process' resident memory, clients and server, in kB.
fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

async fn everybody_leaves(server: &RunningServer) {
    let left = async {
        while server.app().sockets("/").unwrap().count() > 0 {
            tokio::task::yield_now().await;
        }
    };
    soon("the last client's end", left).await;
}

/// So many clients come, on both transports and over the upgrade, talk, and leave in every way.
async fn round(server: &RunningServer) {
    let address = &server.address().to_string();
    let mut wires = Vec::with_capacity(CLIENTS);
    for number in 0..CLIENTS {
        let (mut wire, _) = Wire::join(address, "/").await;
        wire.enter("/chat").await;
        wire.send(&format!("42{number}[\"echo\",\"{}\"]", "a".repeat(1000))).await;
        wires.push(wire);
    }
    for (number, wire) in wires.iter_mut().enumerate() {
        wire.packet(&format!("43{number}[")).await;
        match number % 3 {
            0 => wire.send("41").await,
            1 => wire.send("1").await,
            _ => {}
        }
    }
    drop(wires);
    for _ in 0..10 {
        let session = Polling::open(address).await;
        session.post("40").await;
        session.packet("40").await;
        let mut wire = Wire::connect(address, &session.upgrade_query()).await.unwrap();
        wire.send("2probe").await;
        wire.packet("3probe").await;
        wire.send("5").await;
        wire.send("421[\"echo\"]").await;
        wire.packet("431[]").await;
        let session = Polling::open(address).await;
        session.post("40\u{1e}421[\"echo\"]\u{1e}1").await;
    }
    everybody_leaves(server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_is_back_after_clients_have_left_three_times() {
    let server = serve(SocketOptions::default()).await;
    round(&server).await; // the allocator keeps what a round needs
    round(&server).await;
    let start = memory();
    for number in 1..=3 {
        round(&server).await;
        let now = memory();
        assert!(now <= start + start / 10, "{now} kB after round {number}, {start} kB before");
    }
}
