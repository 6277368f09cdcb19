//! Why a client has gone, as services hear it: the words that Node's Socket.IO 4.8 has for each.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::time::Duration;

use ioserver::{
    DisconnectReason, IOServer, IOServerOptions, RunningServer, ServiceOptions, Socket,
    SocketOptions, service,
};
use ioserver_tests::{
    protocol::{Polling, Wire, soon},
    raw::{Raw, frame},
};
use tokio::sync::mpsc::{
    UnboundedReceiver, UnboundedSender, error::TryRecvError, unbounded_channel,
};

type Heard = UnboundedReceiver<(String, DisconnectReason)>;

struct Watched(UnboundedSender<(String, DisconnectReason)>);

#[service]
impl Watched {
    pub async fn leave(&self, socket: Socket, close: bool) {
        socket.disconnect(close);
    }

    pub async fn disconnect(&self, socket: Socket, reason: DisconnectReason) {
        let _ = self.0.send((socket.ns().to_owned(), reason));
    }
}

async fn start(socket: SocketOptions) -> (RunningServer, Heard) {
    let options =
        IOServerOptions { host: "127.0.0.1".into(), port: 0, socket, ..Default::default() };
    let (said, heard) = unbounded_channel();
    let mut server = IOServer::new(options);
    for namespace in ["/", "chat"] {
        let said = said.clone();
        let service = ServiceOptions::new(namespace, move |_| Watched(said.clone()));
        server.add_service(service).unwrap();
    }
    (server.start().await.unwrap(), heard)
}

/// Both namespaces' sockets go for this reason, once.
async fn both(heard: &mut Heard, what: &str, reason: &str) {
    let mut left = Vec::new();
    for _ in 0..2 {
        let (namespace, said) = soon(what, heard.recv()).await.unwrap();
        assert_eq!(said.as_str(), reason, "{what}");
        left.push(namespace);
    }
    left.sort();
    assert_eq!(left, ["/", "/chat"], "{what}");
    assert_eq!(heard.try_recv(), Err(TryRecvError::Empty), "{what}");
}

async fn joined(address: &str) -> Wire {
    let (mut wire, _) = Wire::join(address, "/").await;
    wire.enter("/chat").await;
    wire
}

async fn polling(address: &str) -> Polling {
    let session = Polling::open(address).await;
    session.post("40").await;
    session.packet("40").await;
    session.post("40/chat,").await;
    session.packet("40/chat,").await;
    session
}

const FAULTS: [(&str, &str); 12] = [
    ("", "parse error"),
    ("7", "parse error"),
    ("2", "transport error"),
    ("47", "forced close"),
    ("42{}", "forced close"),
    ("42[\"connect\"]", "forced close"),
    ("40", "forced close"),
    ("42/nope,[1]", "forced close"),
    ("41/nope", "forced close"),
    ("44{}", "forced close"),
    ("431{}", "forced close"),
    ("450-[]", "forced close"),
];

#[tokio::test]
async fn a_packet_that_closes_the_connection_has_its_reason() {
    let (server, mut heard) = start(SocketOptions::default()).await;
    let address = &server.address().to_string();
    for (packet, reason) in FAULTS.into_iter().chain([("1", "transport close")]) {
        let mut wire = joined(address).await;
        wire.send(packet).await;
        assert_eq!(wire.rest().await, [""; 0], "{packet}");
        both(&mut heard, packet, reason).await;
        let session = polling(address).await;
        let (polled, posted) = tokio::join!(session.poll(), session.post(packet));
        let said = if packet == "1" { "6" } else { "1" };
        assert_eq!((polled.status, &*polled.body), (200, said), "{packet}");
        assert_eq!((posted.status, &*posted.body), (200, "ok"), "{packet}");
        both(&mut heard, packet, reason).await;
    }
}

#[tokio::test]
async fn a_frame_that_closes_the_connection_has_its_reason_and_status() {
    let (server, mut heard) = start(SocketOptions::default()).await;
    let address = server.address();
    let too_long = vec![b'4'; 1_000_001];
    let unmasked = b"\x81\x013".to_vec();
    for (what, bytes, status, reason) in [
        ("a status", frame(0x88, &[3, 232]), Some(1000), "transport close"),
        ("no status", frame(0x88, b""), None, "transport close"),
        ("half a status", frame(0x88, b"\x03"), Some(1002), "transport error"),
        ("no mask", unmasked, Some(1002), "transport error"),
        ("a compressed frame", frame(0xc1, b"3"), Some(1002), "transport error"),
        ("an unknown kind of frame", frame(0x83, b"3"), Some(1002), "transport error"),
        ("a part of nothing", frame(0x80, b"3"), Some(1002), "transport error"),
        ("a part of a ping", frame(0x09, b"3"), Some(1002), "transport error"),
        ("a long ping", frame(0x89, &[0; 126]), Some(1002), "transport error"),
        (
            "a text within a text",
            [frame(1, b"3"), frame(0x81, b"3")].concat(),
            Some(1002),
            "transport error",
        ),
        ("a long text", frame(0x81, &too_long), Some(1009), "transport error"),
        (
            "a long text in parts",
            [frame(1, &too_long[..600_000]), frame(0x80, &too_long[..600_000])].concat(),
            Some(1009),
            "transport error",
        ),
        ("an attachment of nothing", frame(0x82, b"x"), None, "forced close"),
    ] {
        let mut raw = Raw::open(address).await;
        raw.send("40").await;
        raw.text("40{").await;
        raw.send("40/chat,").await;
        raw.text("40/chat,{").await;
        raw.write(&bytes).await;
        assert_eq!(raw.status().await, status, "{what}");
        both(&mut heard, what, reason).await;
    }
}

#[tokio::test]
async fn requests_that_may_not_be_end_their_session() {
    let (server, mut heard) = start(SocketOptions::default()).await;
    let address = &server.address().to_string();

    let session = polling(address).await;
    let (one, other) = tokio::join!(session.poll(), session.poll());
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
    both(&mut heard, "two polls at once", "transport error").await;

    let session = polling(address).await;
    let begun = session.begin("POST", "Content-Length: 9\r\n\r\n42[\"").await;
    let answer = loop {
        let answer = session.post("3").await; // the server may not have read the other one yet
        if answer.status != 200 {
            break answer;
        }
    };
    assert_eq!((answer.status, &*answer.body), (400, ""));
    both(&mut heard, "two posts at once", "transport error").await;
    drop(begun);

    for (method, rest) in [("POST", "Content-Length: 9\r\n\r\n42[\""), ("GET", "\r\n")] {
        let session = polling(address).await;
        drop(session.begin(method, rest).await);
        both(&mut heard, method, "transport error").await;
        assert_eq!(session.poll().await.status, 400);
    }

    let session = polling(address).await;
    assert_eq!(session.post_as("application/octet-stream", "3").await.status, 400);
    both(&mut heard, "bytes", "transport error").await;

    let session = polling(address).await;
    assert_eq!(session.post("4".repeat(1_000_001)).await.status, 413);
    both(&mut heard, "a long payload", "transport error").await;
}

#[tokio::test]
async fn a_client_that_is_lost_or_does_not_answer_pings_has_its_reason() {
    let time = Duration::from_millis(100);
    let options =
        SocketOptions { ping_interval: time, ping_timeout: time, ..SocketOptions::default() };
    let (server, mut heard) = start(options).await;
    let address = &server.address().to_string();
    drop(joined(address).await);
    both(&mut heard, "a lost connection", "transport close").await;
    let mut silent = joined(address).await;
    while silent.raw().await.is_some() {}
    both(&mut heard, "silence", "ping timeout").await;
}

#[tokio::test]
async fn a_namespace_is_left_once_however_often_its_client_says_so() {
    let (server, mut heard) = start(SocketOptions::default()).await;
    let address = &server.address().to_string();
    let mut wire = joined(address).await;
    wire.feed("41").await;
    wire.send("41").await; // not in it any more: the connection is closed
    wire.closed().await;
    let mut reasons = Vec::new();
    for _ in 0..2 {
        let (namespace, reason) = soon("a reason", heard.recv()).await.unwrap();
        reasons.push((namespace, reason.as_str()));
    }
    reasons.sort();
    let left = ("/".to_owned(), "client namespace disconnect");
    assert_eq!(reasons, [left, ("/chat".to_owned(), "forced close")]);
    assert_eq!(heard.try_recv(), Err(TryRecvError::Empty));

    let mut wire = joined(address).await;
    wire.send("42[\"leave\",true]").await;
    wire.closed().await;
    both(&mut heard, "the server's disconnect", "server namespace disconnect").await;
    let mut wire = joined(address).await;
    wire.send("42/chat,[\"leave\",false]").await;
    wire.packet("41/chat,").await;
    let (namespace, reason) = soon("a reason", heard.recv()).await.unwrap();
    assert_eq!((&*namespace, reason.as_str()), ("/chat", "server namespace disconnect"));
    server.stop().await.unwrap();
    let (namespace, reason) = soon("a reason", heard.recv()).await.unwrap();
    assert_eq!((&*namespace, reason.as_str()), ("/", "server shutting down"));
}
