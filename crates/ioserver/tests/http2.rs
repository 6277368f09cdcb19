//! The limits of a connection that speaks HTTP/2.
#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

mod support;

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::{
    body::Incoming,
    client::conn::http2::{SendRequest, handshake},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use ioserver::{IOServerOptions, Limits};
use support::Server;
use tokio::{net::TcpStream, task::JoinHandle, time::timeout};

const SHORT: Duration = Duration::from_millis(150);

/// A connection, and the task that ends with it.
struct Client {
    requests: SendRequest<Empty<Bytes>>,
    connection: JoinHandle<()>,
}

impl Client {
    async fn connect(server: &Server) -> Self {
        let stream = TcpStream::connect(server.running.address()).await.unwrap();
        let (requests, connection) =
            handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        let connection = tokio::spawn(async move { drop(connection.await) });
        Self { requests, connection }
    }

    async fn send(&mut self, request: http::request::Builder) -> Response<Incoming> {
        self.requests.ready().await.unwrap();
        self.requests.send_request(request.body(Empty::new()).unwrap()).await.unwrap()
    }

    async fn closed(self) {
        let closed = timeout(Duration::from_secs(20), self.connection).await;
        closed.expect("the server closes the connection").unwrap();
    }
}

fn get(path: &str) -> http::request::Builder {
    Request::get(format!("http://x{path}"))
}

async fn limited(limits: Limits) -> Server {
    Server::start(IOServerOptions { limits, ..Default::default() }).await
}

#[tokio::test]
async fn what_is_too_large_is_answered_by_its_status_and_the_connection_goes_on() {
    let server = limited(Limits::default()).await;
    let mut client = Client::connect(&server).await;
    let many =
        (0..101).fold(get("/echo"), |request, index| request.header(format!("x-{index}"), "a"));
    assert_eq!(client.send(many).await.status(), 431);
    let long = get(&format!("/echo?{}", "a".repeat(17_000)));
    assert_eq!(client.send(long).await.status(), 414);
    assert_eq!(client.send(get("/echo").header("expect", "magic")).await.status(), 417);
    let answer = client.send(get("/echo?a=1")).await;
    assert_eq!(answer.status(), 200);
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(body.starts_with(br#"{"url":"/echo?a=1""#), "{body:?}");
}

#[tokio::test]
async fn a_connection_without_requests_is_closed() {
    let server = limited(Limits { keep_alive: SHORT, ..Limits::default() }).await;
    let mut client = Client::connect(&server).await;
    assert_eq!(client.send(get("/echo")).await.status(), 200);
    client.closed().await;
    assert!(server.serves_others().await);
}

#[tokio::test]
async fn a_client_that_shuts_its_window_is_let_go() {
    let server = limited(Limits { write_idle: SHORT, ..Limits::default() }).await;
    let mut client = Client::connect(&server).await;
    let unread = client.send(get("/big")).await;
    assert_eq!(unread.status(), 200);
    assert!(server.serves_others().await);
    client.closed().await;
    drop(unread);

    let server = limited(Limits { write_idle: SHORT * 30, ..Limits::default() }).await;
    let mut reader = Client::connect(&server).await;
    let body = reader.send(get("/big")).await.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body.len(), 64 << 20);
}
