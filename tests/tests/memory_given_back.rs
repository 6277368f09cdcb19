//! Memory that a storm of clients took is given back to the system: a server of our public API, in
//! a process of its own that has just begun, with the allocator that our programs choose.

use std::collections::BTreeMap;

use ioserver_tests::{
    Issuer, Program,
    protocol::{Wire, soon},
};
use serde_json::json;

const CLIENTS: usize = 3_000;
const AT_ONCE: usize = 50;

/// Lets this process hold a file for each client.
fn hold_many_files() {
    let id = std::process::id().to_string();
    let mut raise = std::process::Command::new("prlimit");
    let raised = raise.args(["--pid", &id, "--nofile=8192:"]).status();
    assert!(raised.is_ok_and(|status| status.success()), "prlimit (util-linux) lets us have files");
}

async fn start(issuer: &Issuer) -> (Program, String) {
    let environment: BTreeMap<_, _> = issuer.environment();
    let app = env!("CARGO_BIN_EXE_bench-app");
    let mut app = Program::start(app, ["--port", "0"], &environment);
    let found = |line: &str| line.strip_prefix("listening on ").map(str::to_owned);
    let address = app.wait_for("its address", found).await;
    (app, address)
}

/// Clients that were let into `/chat` with a token, and are idle.
async fn clients(address: &str, token: &str) -> Vec<Wire> {
    let packet = format!("40/chat,{}", json!({ "token": token }));
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..AT_ONCE {
        let (address, packet) = (address.to_owned(), packet.clone());
        running.spawn(async move {
            let mut wires = Vec::with_capacity(CLIENTS / AT_ONCE);
            for _ in 0..CLIENTS / AT_ONCE {
                let mut wire = Wire::open(&address).await;
                wire.send(&packet).await;
                wire.packet("40/chat,").await;
                wires.push(wire);
            }
            wires
        });
    }
    running.join_all().await.into_iter().flatten().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_process_gives_back_nine_tenths_of_what_clients_took_three_times() {
    hold_many_files();
    let issuer = Issuer::start().await;
    let token = issuer.mint(json!({})).await;
    let (app, address) = start(&issuer).await;
    let start = app.memory();
    for round in 1..=3 {
        let wires = clients(&address, &token).await;
        let took = app.memory() - start;
        assert!(took > CLIENTS * 10, "{took} kB for {CLIENTS} clients: what is measured?");
        drop(wires);
        let limit = start + took / 10;
        let given_back = async {
            while app.memory() > limit {
                tokio::task::yield_now().await;
            }
        };
        soon(&format!("memory below {limit} kB in round {round}"), given_back).await;
    }
}
