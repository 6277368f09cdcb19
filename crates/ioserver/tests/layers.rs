//! Layers of tower-http around a server, and a server inside axum.
#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

mod support;

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Empty, Full};
use ioserver::{
    ControllerOptions, HttpService, IOServer, IOServerOptions, RemoteAddress, RunningServer,
    controller,
};
use support::{Echo, Wire, status_of};
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
};
use tower_http::{
    compression::CompressionLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
};
use tower_service::Service;

struct Pages;

#[controller]
impl Pages {
    pub async fn long(&self) -> String {
        "a".repeat(10_000)
    }

    pub async fn id(&self, request: &mut ioserver::Request) -> String {
        request.header("x-request-id").unwrap_or_default()
    }
}

const ROUTES: &str = r#"[
    { "method": "GET", "url": "/long", "handler": "long" },
    { "method": "GET", "url": "/id", "handler": "id" }
]"#;

fn server() -> (IOServer, tempfile::TempDir) {
    let routes = tempfile::tempdir().unwrap();
    std::fs::write(routes.path().join("pages.json"), ROUTES).unwrap();
    std::fs::write(routes.path().join("echo.json"), support::ROUTES).unwrap();
    let options = IOServerOptions { routes: routes.path().into(), ..Default::default() };
    let mut server = IOServer::new(options);
    let pages =
        ControllerOptions { prefix: Some(""), ..ControllerOptions::new("pages", |_| Pages) };
    let echo = ControllerOptions { prefix: Some(""), ..ControllerOptions::new("echo", |_| Echo) };
    server.add_controller(pages).unwrap().add_controller(echo).unwrap();
    (server, routes)
}

async fn listen(server: IOServer) -> RunningServer {
    server.serve(TcpListener::bind("127.0.0.1:0").await.unwrap()).await.unwrap()
}

async fn get(server: &RunningServer, path: &str, headers: &str) -> String {
    let mut wire = Wire(TcpStream::connect(server.address()).await.unwrap());
    wire.send(&format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n"))
        .await;
    wire.rest().await
}

#[tokio::test]
async fn answers_are_compressed_for_who_asks_by_one_line() {
    let (mut server, _routes) = server();
    server.layer(CompressionLayer::new());
    let server = listen(server).await;
    let packed = get(&server, "/long", "Accept-Encoding: gzip\r\n").await;
    assert!(packed.contains("content-encoding: gzip\r\n") && packed.len() < 1_000, "{packed}");
    assert!(packed.contains("vary: Origin\r\n"), "{packed}");
    assert!(packed.contains("vary: accept-encoding\r\n"), "{packed}");
    assert!(get(&server, "/long", "").await.len() > 10_000);
    let handshake = get(&server, "/socket.io/?EIO=4&transport=polling", "").await;
    assert_eq!(status_of(&handshake), 200, "sockets pass through: {handshake}");
    assert!(opens_a_websocket(server.address()).await);
}

/// Whether a WebSocket of Engine.IO is opened, and says so in its first frame.
async fn opens_a_websocket(address: SocketAddr) -> bool {
    let mut wire = Wire(TcpStream::connect(address).await.unwrap());
    wire.send(
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    )
    .await;
    let mut read = Vec::new();
    while !read.windows(8).any(|bytes| bytes == b"0{\"sid\":") {
        if wire.0.read_buf(&mut read).await.unwrap() == 0 {
            return false;
        }
    }
    read.starts_with(b"HTTP/1.1 101 ")
}

#[tokio::test]
async fn the_layer_added_last_sees_a_request_first() {
    let (mut server, _routes) = server();
    server
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid));
    let server = listen(server).await;
    let answer = get(&server, "/id", "").await;
    let (head, id) = answer.split_once("\r\n\r\n").unwrap();
    assert_eq!(id.len(), 36, "{answer}");
    assert!(head.contains(&format!("x-request-id: {id}")), "{answer}");
    assert!(get(&server, "/id", "X-Request-Id: mine\r\n").await.ends_with("\r\n\r\nmine"));
    assert!(get(&server, "/nope", "").await.contains("x-request-id: "), "a 404 has one as well");
}

async fn body_of(service: &mut HttpService, request: Request<Full<Bytes>>) -> (StatusCode, String) {
    let Ok(response) = service.call(request).await;
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_server_is_a_tower_service() {
    let (mut server, _routes) = server();
    server.layer(SetRequestIdLayer::x_request_id(MakeRequestUuid));
    let mut service = server.into_service().await.unwrap();
    let remote = RemoteAddress("203.0.113.9:1".parse().unwrap());
    let request = Request::post("/echo").header("content-type", "application/json");
    let request = request.extension(remote).body(Full::from(r#"{"a":1}"#)).unwrap();
    let (status, body) = body_of(&mut service, request).await;
    assert_eq!(
        (status.as_u16(), body.as_str()),
        (200, r#"{"url":"/echo","body":{"a":1},"ip":"203.0.113.9"}"#)
    );
    let (_, id) = body_of(&mut service, Request::get("/id").body(Full::default()).unwrap()).await;
    assert_eq!(id.len(), 36);
    let clone = service.clone();
    clone.stop().await.unwrap();
    service.stop().await.unwrap();
}

#[tokio::test]
async fn a_nested_server_refuses_what_a_listener_of_its_own_would() {
    let (server, _routes) = server();
    let mut service = server.into_service().await.unwrap();
    for (name, value, expected) in [
        ("host", "x", 200),
        ("host", "a/b", 400),
        ("host", "a@b", 400),
        ("host", "", 200),
        ("transfer-encoding", "gzip, chunked", 400),
        ("expect", "200-ok", 417),
    ] {
        let request = Request::get("/id").header(name, value).body(Full::default()).unwrap();
        assert_eq!(body_of(&mut service, request).await.0, expected, "{name}: {value}");
    }
    let two = Request::get("/id").header("host", "x").header("host", "x");
    let two = two.body(Full::default()).unwrap();
    assert_eq!(body_of(&mut service, two).await.0, 400);
    let nameless = Request::get("/id").body(Full::default()).unwrap();
    assert_eq!(body_of(&mut service, nameless).await.0, 200);
    let long = Request::get(format!("/id?{}", "a".repeat(20_000))).body(Full::default()).unwrap();
    assert_eq!(body_of(&mut service, long).await.0, 414);
    service.stop().await.unwrap();
}

#[tokio::test]
async fn axum_can_nest_it() {
    let (server, _routes) = server();
    let service = server.into_service().await.unwrap();
    let app = axum::Router::new()
        .route("/own", axum::routing::get(|| async { "axum" }))
        .nest_service("/io", service.clone())
        .fallback_service(service.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move { axum::serve(listener, app).await });
    for (path, expected) in [("/own", "axum"), ("/io/id", ""), ("/id", "")] {
        let stream = TcpStream::connect(address).await.unwrap();
        let io = hyper_util::rt::TokioIo::new(stream);
        let (mut requests, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
        tokio::spawn(connection);
        let request = Request::get(path).header("host", "x").body(Empty::<Bytes>::new()).unwrap();
        let answer = requests.send_request(request).await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), expected, "{path}");
    }
    assert!(opens_a_websocket(address).await, "below `fallback_service`");
    serving.abort();
    service.stop().await.unwrap();
}
