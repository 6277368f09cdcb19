//! What a server writes at its eight levels.
#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

mod support;

use ioserver::{
    AppHandle, BaseWatcher, ControllerOptions, IOServer, IOServerOptions, LogLevel, ManagerOptions,
    Result, ServiceOptions, WatcherOptions, controller, service,
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
