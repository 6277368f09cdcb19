//! How a server stops when the operator says so.

use std::{collections::BTreeMap, fs};

use ioserver_tests::Program;

fn start(folder: &tempfile::TempDir, parts: &[&str]) -> Program {
    let route = r#"[{ "method": "GET", "url": "/hello", "handler": "hello" }]"#;
    fs::write(folder.path().join("open.json"), route).unwrap();
    let arguments = ["0", folder.path().to_str().unwrap()];
    let arguments = arguments.into_iter().chain(parts.iter().copied());
    Program::start(env!("CARGO_BIN_EXE_start-app"), arguments, &BTreeMap::new())
}

async fn address(program: &mut Program) -> String {
    let found = |line: &str| line.strip_prefix("listening on ").map(str::to_owned);
    program.wait_for("its address", found).await
}

#[tokio::test]
async fn a_server_stops_on_sigint_and_on_sigterm_and_says_that_all_is_well() {
    for signal in ["INT", "TERM"] {
        let folder = tempfile::tempdir().unwrap();
        let mut program = start(&folder, &["open"]);
        let url = format!("http://{}/open/hello", address(&mut program).await);
        let client = reqwest::Client::new(); // its connection stays open, idle
        assert_eq!(client.get(&url).send().await.unwrap().text().await.unwrap(), "hello");
        program.signal(signal).await;
        let ended = program.ended().await;
        assert_eq!(ended.code, Some(0), "{}", ended.output);
    }
}

#[tokio::test]
async fn a_second_signal_ends_a_server_that_does_not_stop() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = start(&folder, &["open", "stuck-watcher"]);
    address(&mut program).await;
    program.signal("TERM").await;
    program.wait_for("that it is stuck", |line| line.contains("stuck").then_some(())).await;
    program.signal("TERM").await;
    assert_eq!(program.ended().await.code, Some(130));
}
