//! Whose address a service sees.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::time::Duration;

use ioserver::{IOServer, IOServerOptions, Limits, RunningServer, ServiceOptions, Socket, service};
use ioserver_tests::protocol::{Polling, Wire, soon};
use tokio::io::AsyncReadExt;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

struct Who;

#[service]
impl Who {
    pub async fn connect(&self, socket: Socket) {
        socket.emit("you", socket.handshake().address());
    }
}

async fn start(trusted: &[&str], limits: Limits) -> RunningServer {
    let mut server = IOServer::new(IOServerOptions {
        host: "127.0.0.1".into(),
        port: 0,
        limits,
        trust_proxy: trusted.iter().map(|network| network.parse().unwrap()).collect(),
        ..IOServerOptions::default()
    });
    server.add_service(ServiceOptions::new("/", |_| Who)).unwrap();
    server.start().await.unwrap()
}

#[tokio::test]
async fn a_clients_address_is_what_trusted_proxies_say_it_is_and_nobody_else() {
    for (trusted, expected) in [(&["127.0.0.1"][..], "203.0.113.9"), (&[], "127.0.0.1")] {
        let server = start(trusted, Limits::default()).await;
        let forwarded = "1.2.3.4, 203.0.113.9";
        let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", server.address());
        let mut request = url.into_client_request().unwrap();
        request.headers_mut().insert("x-forwarded-for", forwarded.parse().unwrap());
        let mut wire = Wire::open_with(request).await;
        wire.enter("/").await;
        assert_eq!(wire.packet("42").await, format!("42[\"you\",\"{expected}\"]"));
    }
}

#[tokio::test]
async fn a_payload_that_stops_coming_is_not_waited_for() {
    let limits = Limits { body_idle: Duration::from_millis(50), ..Limits::default() };
    let server = start(&[], limits).await;
    let session = Polling::open(&server.address().to_string()).await;
    let mut begun = session.begin("POST", "Content-Length: 9\r\n\r\n42[\"").await;
    let mut answer = String::new();
    soon("an answer", begun.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("onnection: close"), "{answer}");
    assert_eq!(session.post("3").await.status, 400, "the session has ended");
}
