//! The opening handshake of WebSocket, byte by byte: RFC 6455 section 4.2.1.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use ioserver::{CorsOptions, IOServer, IOServerOptions, Origin, RunningServer, SocketOptions};
use ioserver_tests::{
    echo::serve,
    protocol::{Wire, soon},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const QUERY: &str = "EIO=4&transport=websocket";
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

fn handshake(first: &str, fields: &[(&str, &str)]) -> String {
    let fields = fields.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    format!("{first}\r\n{}\r\n", fields.collect::<String>())
}

fn good(query: &str, change: (&str, Option<&str>)) -> String {
    let fields = [
        ("Host", "localhost"),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", KEY),
    ];
    let fields = fields.into_iter().filter_map(|(name, value)| {
        if name == change.0 { change.1.map(|value| (name, value)) } else { Some((name, value)) }
    });
    let fields: Vec<_> = fields.collect();
    handshake(&format!("GET /socket.io/?{query} HTTP/1.1"), &fields)
}

/// The head of the answer.
async fn answer(server: &RunningServer, request: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let (mut head, mut byte) = (Vec::new(), [0; 1]);
    while !head.ends_with(b"\r\n\r\n")
        && soon("an answer", stream.read(&mut byte)).await.is_ok_and(|length| length > 0)
    {
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap().to_ascii_lowercase()
}

fn status(head: &str) -> &str {
    head.split(' ').nth(1).unwrap_or("nothing")
}

#[tokio::test]
async fn a_handshake_is_accepted_however_its_fields_are_written() {
    let server = serve(SocketOptions::default()).await;
    for change in [
        ("", None),
        ("Connection", Some("keep-alive, Upgrade")),
        ("Connection", Some("upgrade")),
        ("Upgrade", Some("WebSocket")),
    ] {
        let head = answer(&server, &good(QUERY, change)).await;
        assert_eq!(status(&head), "101", "{change:?}: {head}");
        assert!(head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="), "{head}");
    }
}

#[tokio::test]
async fn broken_handshakes_are_refused_and_harm_nobody() {
    let server = serve(SocketOptions::default()).await;
    let (mut witness, _) = Wire::join(&server.address().to_string(), "/").await;
    let version = "Sec-WebSocket-Version";
    let key = "Sec-WebSocket-Key";
    for (change, expected) in [
        ((version, None), "426"),
        ((version, Some("8")), "426"),
        ((version, Some("13, 8")), "426"),
        ((key, None), "400"),
        ((key, Some("AAAA")), "400"),
        ((key, Some("")), "400"),
        ((key, Some("dGhlIHNhbXBsZSBub25jZSBidXQgbG9uZ2Vy")), "400"),
        (("Upgrade", None), "400"),
        (("Upgrade", Some("h2c")), "400"),
        (("Connection", None), "400"),
        (("Connection", Some("keep-alive")), "400"),
        (("Host", None), "400"),
    ] {
        let head = answer(&server, &good(QUERY, change)).await;
        assert_eq!(status(&head), expected, "{change:?}: {head}");
        if expected == "426" {
            assert!(head.contains("sec-websocket-version: 13"), "{head}");
        }
    }
    let twice = good(QUERY, ("", None)).replace("\r\n\r\n", "\r\nSec-WebSocket-Key: x\r\n\r\n");
    assert_eq!(status(&answer(&server, &twice).await), "400");
    let old = good(QUERY, ("", None)).replace("HTTP/1.1", "HTTP/1.0");
    assert_eq!(status(&answer(&server, &old).await), "400");
    for method in ["POST", "PUT", "HEAD"] {
        let other = good(QUERY, ("", None)).replacen("GET", method, 1);
        assert_eq!(status(&answer(&server, &other).await), "400", "{method}");
    }
    for query in ["EIO=3&transport=websocket", "EIO=4&transport=websocket&sid=x", "transport=x"] {
        assert_eq!(status(&answer(&server, &good(query, ("", None))).await), "400", "{query}");
    }
    witness.send("421[\"echo\",1]").await;
    witness.packet("431[1]").await;
}

#[tokio::test]
async fn origins_that_cors_does_not_let_in_are_refused_when_the_check_is_on() {
    let start = async |check_origin: bool| {
        let origin = Origin::List(vec!["https://app.example".into()]);
        let server = IOServer::new(IOServerOptions {
            host: "127.0.0.1".into(),
            port: 0,
            cors: CorsOptions { origin, ..CorsOptions::default() },
            socket: SocketOptions { check_origin, ..SocketOptions::default() },
            ..IOServerOptions::default()
        });
        server.start().await.unwrap()
    };
    let with = |origin: &str| {
        let field = format!("\r\nOrigin: {origin}\r\n\r\n");
        good(QUERY, ("", None)).replace("\r\n\r\n", &field)
    };
    let checking = start(true).await;
    assert_eq!(status(&answer(&checking, &with("https://app.example")).await), "101");
    assert_eq!(status(&answer(&checking, &good(QUERY, ("", None))).await), "101");
    for stranger in
        ["https://evil.example", "http://app.example", "https://app.example.evil", "null"]
    {
        let head = answer(&checking, &with(stranger)).await;
        assert_eq!(status(&head), "403", "{stranger}: {head}");
    }
    let lax = start(false).await; // as on Node
    assert_eq!(status(&answer(&lax, &with("https://evil.example")).await), "101");
}
