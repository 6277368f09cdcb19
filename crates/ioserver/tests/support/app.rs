//! A server whose routes a test writes, and requests as a client sends them.

use ioserver::{
    BaseController, ControllerOptions, IOServer, IOServerOptions, Middleware, Request, Result,
    RunningServer,
};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};

use super::Wire;

/// A running server with one controller under `/api`.
pub(crate) struct App {
    running: RunningServer,
    _routes: tempfile::TempDir,
}

/// An answer, taken apart.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn message(&self) -> String {
        self.json()["message"].as_str().unwrap_or_default().to_owned()
    }
}

impl App {
    pub(crate) async fn start<C: BaseController>(controller: C, routes: &Value) -> Self {
        Self::guarded(controller, routes, Vec::new()).await
    }

    pub(crate) async fn guarded<C: BaseController>(
        controller: C,
        routes: &Value,
        middlewares: Vec<Middleware<Request>>,
    ) -> Self {
        let (mut server, folder) = server(routes);
        let options = ControllerOptions::new("api", move |_| controller);
        server.add_controller(ControllerOptions { middlewares, ..options }).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self { running: server.serve(listener).await.unwrap(), _routes: folder }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")).await
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n")).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let body = body.to_string();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        self.send(&(head + &body)).await
    }

    pub(crate) async fn send(&self, bytes: &str) -> Answer {
        let mut wire = Wire(TcpStream::connect(self.running.address()).await.unwrap());
        wire.send(bytes).await;
        let answer = wire.answer().await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        Answer { status: super::status_of(head), head: head.to_lowercase(), body: body.into() }
    }
}

/// What registering these routes says.
pub(crate) fn refusal<C: BaseController>(controller: C, routes: &Value) -> String {
    let (mut server, _folder) = server(routes);
    let added: Result<_> =
        server.add_controller(ControllerOptions::new("api", move |_| controller)).map(drop);
    added.unwrap_err().to_string()
}

fn server(routes: &Value) -> (IOServer, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("api.json"), routes.to_string()).unwrap();
    let options = IOServerOptions { routes: folder.path().into(), ..Default::default() };
    (IOServer::new(options), folder)
}
