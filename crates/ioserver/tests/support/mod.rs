//! A server for a test, and a client that sends bytes as they are.
#![allow(dead_code, reason = "each test uses a part of it")]
#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

pub(crate) mod app;

use std::time::Duration;

use ioserver::{
    BaseController, ControllerOptions, Handlers, IOServer, IOServerOptions, Reply, Request,
    RunningServer,
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

/// Answers what it read of the request.
pub(crate) struct Echo;

impl Echo {
    async fn body(&self, request: &mut Request) -> ioserver::Result<Reply> {
        let body = request.body().await?.cloned();
        let ip = request.ip().map(|ip| ip.to_string());
        Ok(Reply::json(json!({ "url": request.url(), "body": body, "ip": ip })))
    }

    async fn big(&self, _: &mut Request) -> Reply {
        Reply::bytes(vec![b'x'; 64 << 20])
    }

    async fn forged(&self, _: &mut Request) -> Reply {
        Reply::new(400_u16)
    }
}

impl BaseController for Echo {
    fn handlers(on: &mut Handlers<Self>) {
        on.handler_fn("body", |echo, request| {
            Box::pin(async move { ioserver::IntoReply::into_reply(echo.body(request).await) })
        })
        .handler_fn("big", |echo, request| Box::pin(echo.big(request)))
        .handler_fn("forged", |echo, request| Box::pin(echo.forged(request)));
    }
}

pub(crate) const ROUTES: &str = r#"[
    { "method": "GET", "url": "/echo", "handler": "body" },
    { "method": "POST", "url": "/echo", "handler": "body" },
    { "method": "GET", "url": "/item/:id", "handler": "body" },
    { "method": "GET", "url": "/big", "handler": "big" },
    { "method": "GET", "url": "/forged", "handler": "forged" }
]"#;

pub(crate) struct Server {
    pub(crate) running: RunningServer,
    _routes: tempfile::TempDir,
}

impl Server {
    pub(crate) async fn start(options: IOServerOptions) -> Self {
        Self::with(options, ROUTES, Echo).await
    }

    /// A server with one controller, whose urls are what its routes say.
    pub(crate) async fn with<C: BaseController>(
        options: IOServerOptions,
        file: &str,
        controller: C,
    ) -> Self {
        let routes = tempfile::tempdir().unwrap();
        std::fs::write(routes.path().join("test.json"), file).unwrap();
        let options = IOServerOptions { routes: routes.path().into(), ..options };
        let mut server = IOServer::new(options);
        let test = ControllerOptions::new("test", |_| controller);
        server.add_controller(ControllerOptions { prefix: Some(""), ..test }).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self { running: server.serve(listener).await.unwrap(), _routes: routes }
    }

    pub(crate) async fn connect(&self) -> Wire {
        Wire(TcpStream::connect(self.running.address()).await.unwrap())
    }

    /// Sends bytes on a connection of their own and reads until the server closes it.
    pub(crate) async fn exchange(&self, bytes: &str) -> String {
        let mut wire = self.connect().await;
        wire.send(bytes).await;
        wire.rest().await
    }

    /// The status of the first answer to these bytes.
    pub(crate) async fn status(&self, bytes: &str) -> u16 {
        let answer = self.exchange(bytes).await;
        status_of(&answer)
    }

    /// Whether another client is served, which no client may prevent.
    pub(crate) async fn serves_others(&self) -> bool {
        let request = "GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        self.status(request).await == 200
    }
}

/// Runs a test once more, alone in a process, and returns what it wrote. `None` in that process.
pub(crate) fn alone(test: &str) -> Option<String> {
    const MARK: &str = "IOSERVER_TEST_ALONE";
    if std::env::var_os(MARK).is_some() {
        return None;
    }
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    let output = command.args([test, "--exact", "--nocapture"]).env(MARK, "1").output().unwrap();
    let written = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success() && written.contains("1 passed"), "{written}");
    Some(written)
}

pub(crate) fn status_of(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

/// How many answers there are in what was read.
pub(crate) fn answers(text: &str) -> usize {
    text.matches("HTTP/1.1 ").count()
}

pub(crate) struct Wire(pub(crate) TcpStream);

impl Wire {
    pub(crate) async fn send(&mut self, bytes: &str) {
        self.0.write_all(bytes.as_bytes()).await.unwrap();
    }

    /// One answer with a `Content-Length`.
    pub(crate) async fn answer(&mut self) -> String {
        let mut read = Vec::new();
        let mut piece = [0; 4096];
        loop {
            let text = String::from_utf8_lossy(&read).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let head = head.to_ascii_lowercase();
                let length = head.split("content-length: ").nth(1).unwrap_or("0");
                let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
                if body.len() >= length {
                    return text;
                }
            }
            let length = self.0.read(&mut piece).await.unwrap();
            assert!(length > 0, "closed after {text}");
            read.extend_from_slice(&piece[..length]);
        }
    }

    /// What comes until the server closes the connection.
    pub(crate) async fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        let closed = timeout(Duration::from_secs(20), self.0.read_to_end(&mut bytes)).await;
        let _ = closed.expect("the server closes the connection"); // by a reset as well
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
