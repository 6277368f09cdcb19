//! What a server writes at its eight levels.
#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

mod support;

use ioserver::{
    AppHandle, BaseWatcher, ControllerOptions, IOServer, IOServerOptions, LogLevel, ManagerOptions,
    Result, ServiceOptions, WatcherOptions, controller, service, testing::TestServer,
};
use support::alone;

struct Manager;

impl ioserver::BaseManager for Manager {}

struct Watcher;

impl BaseWatcher for Watcher {
    async fn watch(&self) -> Result<()> {
        std::future::pending().await
    }
}

struct Chat;

#[service]
impl Chat {
    pub async fn say(&self, _: String) {}

    pub async fn add(&self, a: i64, b: i64) -> Result<i64> {
        Ok(a + b)
    }
}

/// Sends what no method takes, and answers what was acked.
async fn send_strange_things() -> Vec<serde_json::Value> {
    let options = IOServerOptions { verbose: LogLevel::Debug, ..Default::default() };
    let mut server = IOServer::new(options);
    server.add_service(ServiceOptions::new("chat", |_| Chat)).unwrap();
    let server = TestServer::start(server).await.unwrap();
    let mut socket = server.connect("/chat").await.unwrap();
    socket.emit("sendMessage", "hunter2").await.unwrap();
    let long = "x".repeat(1000);
    socket.emit(&format!("two\nlines {long}"), ()).await.unwrap();
    let acks = vec![
        socket.ask("say", 7).await.unwrap(),
        socket.ask("add", (1, "hunter2")).await.unwrap(),
        socket.ask("add", (1,)).await.unwrap(),
    ];
    server.stop().await.unwrap();
    acks
}

#[tokio::test]
async fn a_payload_that_fits_no_argument_is_told_by_its_number() {
    let messages: Vec<_> = send_strange_things()
        .await
        .into_iter()
        .map(|error| error["message"].as_str().unwrap().to_owned())
        .collect();
    let expected = [
        "invalid payload: argument 1 of `say` is not what it takes: invalid type: integer `7`, \
         expected a string",
        "invalid payload: argument 2 of `add` is not what it takes: invalid type: string \
         \"hunter2\", expected i64",
        "invalid payload: argument 2 of `add` is missing",
    ];
    assert_eq!(messages, expected);
}

#[tokio::test]
async fn what_no_method_takes_is_told_without_what_was_sent() {
    let Some(written) = alone("what_no_method_takes_is_told_without_what_was_sent") else {
        send_strange_things().await;
        return;
    };
    let lines = [
        "no method of namespace `/chat` answers event `sendMessage`; there are: add, say\n",
        "no method of namespace `/chat` answers event `two\\nlines xxx",
        "xxx…`; there are: add, say\n",
        "event `add` of namespace `/chat`: argument 2 is no `i64`\n",
    ];
    for line in lines {
        assert!(written.contains(line), "{line}: {written}");
    }
    assert!(!written.contains("hunter2") && !written.contains(&"x".repeat(70)), "{written}");
}

struct Pages;

#[controller]
impl Pages {
    pub async fn index(&self) -> &'static str {
        "index"
    }
}

async fn run(verbose: LogLevel) -> Result<()> {
    let routes = tempfile::tempdir().unwrap();
    let file = r#"[{ "method": "GET", "url": "/index", "handler": "index" }]"#;
    std::fs::write(routes.path().join("pages.json"), file).unwrap();
    let options =
        IOServerOptions { port: 0, verbose, routes: routes.path().into(), ..Default::default() };
    let mut server = IOServer::new(options);
    server.add_manager(ManagerOptions::new("stats", |_: AppHandle| Manager))?;
    server.add_watcher(WatcherOptions::new("clock", |_| Watcher))?;
    server.add_service(ServiceOptions::new("chat", |_| Chat))?;
    server.add_controller(ControllerOptions::new("pages", |_| Pages))?;
    server.start().await?.stop().await
}

const LINES: [(LogLevel, &str); 9] = [
    (LogLevel::Notification, "[*] Server listening on http://127.0.0.1:"),
    (LogLevel::Information, "[*] Start watcher clock"),
    (LogLevel::Information, "[*] Stopping watcher clock"),
    (LogLevel::Information, "[*] Server stopped"),
    (LogLevel::Debug, "[*] Register manager stats"),
    (LogLevel::Debug, "[*] Register watcher clock"),
    (LogLevel::Debug, "[*] Register service chat"),
    (LogLevel::Debug, "[*] Register controller pages"),
    (LogLevel::Debug, "[*] Register controller route GET /pages/index"),
];

fn check(written: &str, verbose: LogLevel) {
    for (level, line) in LINES {
        assert_eq!(written.contains(line), level <= verbose, "{line}: {written}");
    }
}

#[tokio::test]
async fn a_start_and_a_stop_are_told_in_the_originals_words() {
    match alone("a_start_and_a_stop_are_told_in_the_originals_words") {
        Some(written) => check(&written, LogLevel::Debug),
        None => run(LogLevel::Debug).await.unwrap(),
    }
}

#[tokio::test]
async fn a_start_and_a_stop_are_not_told_by_default() {
    match alone("a_start_and_a_stop_are_not_told_by_default") {
        Some(written) => check(&written, LogLevel::Error),
        None => run(LogLevel::default()).await.unwrap(),
    }
}
