//! Clients that send too much, too slowly, or what is no HTTP. Bytes on a socket, read to its end.

mod support;

use std::time::Duration;

use ioserver::{CorsOptions, IOServerOptions, Limits, Origin};
use support::{Server, answers, status_of};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const SHORT: Duration = Duration::from_millis(150);

async fn server() -> Server {
    Server::start(IOServerOptions::default()).await
}

async fn limited(limits: Limits) -> Server {
    Server::start(IOServerOptions { limits, ..Default::default() }).await
}

fn get(headers: &str) -> String {
    format!("GET /echo HTTP/1.1\r\n{headers}Connection: close\r\n\r\n")
}

fn post(headers: &str, body: &str) -> String {
    format!("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n{headers}\r\n{body}")
}

#[tokio::test]
async fn a_request_names_its_host_exactly_once() {
    let server = server().await;
    assert_eq!(server.status(&get("Host: x\r\n")).await, 200);
    assert_eq!(server.status(&get("Host: x:80\r\n")).await, 200);
    assert_eq!(server.status(&get("Host: [::1]:80\r\n")).await, 200);
    assert_eq!(server.status(&get("Host:\r\n")).await, 200);
    for hosts in [
        "",
        "Host: x\r\nHost: x\r\n",
        "Host: x\r\nHost: y\r\n",
        "Host: a b\r\n",
        "Host: a/b@c\r\n",
        "Host: a@b\r\n",
        "Host: x:port\r\n",
        "Host: x:99999\r\n",
        "Host: x, y\r\n",
    ] {
        let answer = server.exchange(&get(hosts)).await;
        assert_eq!(status_of(&answer), 400, "{hosts:?}: {answer}");
        assert!(
            answer
                .ends_with(r#"{"error":"Bad Request","message":"Client Error","statusCode":400}"#)
        );
    }
}

#[tokio::test]
async fn a_target_without_a_path_is_no_target() {
    let server = Server::with(
        IOServerOptions::default(),
        r#"[{ "method": "GET", "url": "/", "handler": "body" }]"#,
        support::Echo,
    )
    .await;
    let rest = "HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert_eq!(server.status(&format!("GET / {rest}")).await, 200);
    assert_eq!(server.status(&format!("GET http://x/ {rest}")).await, 200);
    assert_eq!(server.status(&format!("GET http://x {rest}")).await, 200);
    for target in ["x", "x:80", "me", "user@x"] {
        assert_eq!(server.status(&format!("GET {target} {rest}")).await, 400, "{target}");
    }
}

#[tokio::test]
async fn a_body_whose_length_is_ambiguous_is_refused() {
    let server = server().await;
    assert_eq!(server.status(&post("Content-Length: 2\r\nConnection: close\r\n", "ab")).await, 200);
    let chunked = "Transfer-Encoding: chunked\r\nConnection: close\r\n";
    assert_eq!(server.status(&post(chunked, "2\r\nab\r\n0\r\n\r\n")).await, 200);
    for (headers, body) in [
        ("Content-Length: 2\r\nContent-Length: 3\r\n", "ab"),
        ("Content-Length: 99999999999999999999999\r\n", "ab"),
        ("Content-Length: +2\r\n", "ab"),
        ("Content-Length: 2, 2\r\n", "ab"),
        ("Content-Length: -1\r\n", "ab"),
        ("Transfer-Encoding: chunked, chunked\r\n", "2\r\nab\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        ("Transfer-Encoding: gzip, chunked\r\n", "2\r\nab\r\n0\r\n\r\n"),
        ("Transfer-Encoding: gzip\r\n", "ab"),
        ("Transfer-Encoding: identity\r\n", "ab"),
        ("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
        ("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\n", "zz\r\nab\r\n0\r\n\r\n"),
        ("X-Folded: a\r\n b\r\nContent-Length: 2\r\n", "ab"),
    ] {
        let answer = server.exchange(&post(headers, body)).await;
        assert_eq!(status_of(&answer), 400, "{headers:?}: {answer}");
        assert_eq!(answers(&answer), 1, "{headers:?}: {answer}");
    }
    let old = "POST /echo HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(server.status(old).await, 400);
    assert!(server.serves_others().await);
}

/// What hyper reads its own way: there is one answer, and what follows the body is none's request.
#[tokio::test]
async fn a_smuggled_request_is_never_answered() {
    let server = server().await;
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    for (headers, body) in [
        ("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "2\r\nab\r\n0\r\n\r\n"),
        ("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "zz\r\n"),
    ] {
        let answer = server.exchange(&post(headers, &format!("{body}{smuggled}"))).await;
        assert_eq!(answers(&answer), 1, "{headers:?}: {answer}");
        assert!(!answer.contains("smuggled"), "{headers:?}: {answer}");
    }
    for lax in [
        "GET /echo HTTP/1.1\nHost: x\nConnection: close\n\n",
        "\r\n\r\nGET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ] {
        assert_eq!(answers(&server.exchange(lax).await), 1, "{lax:?}");
    }
    let equal = post("Content-Length: 2\r\nContent-Length: 2\r\nConnection: close\r\n", "ab");
    assert_eq!(answers(&server.exchange(&equal).await), 1);
}

#[tokio::test]
async fn connect_and_unknown_expectations_are_refused() {
    let server = server().await;
    for target in ["x:443", "/echo"] {
        let answer =
            server.exchange(&format!("CONNECT {target} HTTP/1.1\r\nHost: x\r\n\r\n")).await;
        assert!((400..500).contains(&status_of(&answer)), "{answer}");
    }
    assert_eq!(server.status(&get("Host: x\r\nExpect: 200-ok\r\n")).await, 417);
    let patient = "Content-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n";
    let answer = server.exchange(&post(patient, "ab")).await;
    assert!(answer.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK"), "{answer}");
}

#[tokio::test]
async fn a_method_that_nobody_knows_and_a_target_that_is_no_uri_are_refused() {
    let server = server().await;
    for line in ["FROB /echo", "get /echo", "GET /é", "GET /echo?a=é", "GET /echo/<a>"] {
        let answer = server.exchange(&format!("{line} HTTP/1.1\r\nHost: x\r\n\r\n")).await;
        assert_eq!(status_of(&answer), 400, "{line}: {answer}");
        let body = r#"{"error":"Bad Request","message":"Client Error","statusCode":400}"#;
        assert!(answer.ends_with(body), "{line}: {answer}");
    }
    for line in ["PROPFIND /echo", "QUERY /%C3%A9"] {
        let request = format!("{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assert_eq!(server.status(&request).await, 404, "{line}");
    }
}

#[tokio::test]
async fn what_is_too_large_is_answered_by_its_status_and_closed() {
    let server = server().await;
    let header = |length| get(&format!("Host: x\r\nX-Big: {}\r\n", "a".repeat(length)));
    assert_eq!(server.status(&header(30_000)).await, 200);
    let answer = server.exchange(&header(40_000)).await;
    assert_eq!(status_of(&answer), 431);
    assert!(answer.contains("Exceeded maximum allowed HTTP header size"), "{answer}");

    let fields = |count| get(&format!("Host: x\r\n{}", "X-Many: a\r\n".repeat(count)));
    assert_eq!(server.status(&fields(98)).await, 200);
    assert_eq!(server.status(&fields(100)).await, 431);

    let url = |length| {
        format!("GET /echo?{} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "a".repeat(length))
    };
    assert_eq!(server.status(&url(16_000)).await, 200);
    assert_eq!(server.status(&url(17_000)).await, 414);

    let item = |length| {
        format!("GET /item/{} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "a".repeat(length))
    };
    assert_eq!(server.status(&item(200)).await, 200);
    assert_eq!(server.status(&item(201)).await, 404);

    let body = post(&format!("Content-Length: {}\r\n", 2 << 20), &"a".repeat(2 << 20));
    assert_eq!(server.status(&body).await, 413, "an answer that the sender can read");
    let chunked = format!("200000\r\n{}\r\n0\r\n\r\n", "a".repeat(2 << 20));
    assert_eq!(server.status(&post("Transfer-Encoding: chunked\r\n", &chunked)).await, 413);
    assert_eq!(server.status(&post("Content-Length: 9223372036854775807\r\n", "a")).await, 413);
    assert!(server.serves_others().await);
}

#[tokio::test]
async fn every_limit_is_an_option() {
    let limits = Limits {
        header_bytes: 8 * 1024,
        header_fields: 10,
        url_bytes: 50,
        param_length: 3,
        ..Limits::default()
    };
    let server = limited(limits).await;
    assert_eq!(server.status(&get(&format!("Host: x\r\nX: {}\r\n", "a".repeat(9_000)))).await, 431);
    assert_eq!(server.status(&get(&format!("Host: x\r\n{}", "X: a\r\n".repeat(9)))).await, 431);
    let url = format!("GET /echo?{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(50));
    assert_eq!(server.status(&url).await, 414);
    assert_eq!(
        server.status("GET /item/four HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await,
        404
    );
    assert!(server.serves_others().await);
}

#[tokio::test]
async fn a_head_that_comes_too_slowly_is_408() {
    let server = limited(Limits { header_read: SHORT, ..Limits::default() }).await;
    let mut slow = server.connect().await;
    slow.send("GET /echo HTTP/1.1\r\nHost: x\r\nX-Slow: ").await;
    assert!(server.serves_others().await);
    let answer = slow.rest().await;
    assert_eq!(status_of(&answer), 408, "{answer}");

    let mut silent = server.connect().await;
    assert_eq!(silent.rest().await, "", "who says nothing hears nothing");

    let mut second = server.connect().await;
    second.send("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(status_of(&second.answer().await), 200);
    second.send("GET /ec").await;
    assert_eq!(status_of(&second.rest().await), 408, "the second request of a connection as well");
}

#[tokio::test]
async fn a_body_that_comes_too_slowly_is_408() {
    let server = limited(Limits { body_idle: SHORT, ..Limits::default() }).await;
    let answer = server.exchange(&post("Content-Length: 10\r\n", "ab")).await;
    assert_eq!((status_of(&answer), answers(&answer)), (408, 1), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
    let answer = server.exchange(&post("Transfer-Encoding: chunked\r\n", "2\r\na")).await;
    assert_eq!(status_of(&answer), 408, "{answer}");
    let poll = "POST /socket.io/?EIO=4&transport=polling&sid=x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n4";
    assert!(status_of(&server.exchange(poll).await) >= 400);
    assert!(server.serves_others().await);
}

/// Each piece comes well within the time between two pieces.
#[tokio::test]
async fn a_body_that_comes_piece_by_piece_for_too_long_is_408() {
    let limits = Limits { body_idle: SHORT * 20, body_read: SHORT * 4, ..Limits::default() };
    let server = limited(limits).await;
    for framing in ["Content-Length: 100000", "Transfer-Encoding: chunked"] {
        let wire = server.connect().await;
        let (mut reading, mut writing) = wire.0.into_split();
        let head = post(&format!("{framing}\r\n"), "");
        writing.write_all(head.as_bytes()).await.unwrap();
        let mut pieces = tokio::time::interval(SHORT);
        let dripping = async {
            while writing.write_all(b"1\r\na\r\n").await.is_ok() {
                pieces.tick().await;
            }
        };
        let mut answer = [0; 12];
        tokio::select! {
            () = dripping => panic!("{framing}: closed without an answer"),
            read = reading.read_exact(&mut answer) => drop(read.unwrap()),
        }
        assert_eq!(&answer, b"HTTP/1.1 408", "{framing}");
    }
    assert!(server.serves_others().await);
}

#[tokio::test]
async fn a_connection_is_kept_for_its_next_request_and_no_longer() {
    let server =
        limited(Limits { header_read: SHORT, keep_alive: SHORT * 4, ..Limits::default() }).await;
    let mut idle = server.connect().await;
    let begun = std::time::Instant::now();
    idle.send("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(status_of(&idle.answer().await), 200);
    assert_eq!(idle.rest().await, "", "closed without a word");
    assert!(begun.elapsed() >= SHORT * 4, "the time for headers is another one");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_let_go_and_one_that_reads_is_not() {
    let limits = Limits { write_idle: SHORT, connections: 1, ..Limits::default() };
    let server = limited(limits).await;
    let mut stuck = server.connect().await;
    stuck.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n").await;
    stuck.0.read_exact(&mut [0; 1]).await.unwrap();
    while !server.serves_others().await {} // its place is free again
    let read = stuck.rest().await;
    assert!(read.len() < 64 << 20, "the rest was not sent");

    let patient = Limits { write_idle: SHORT * 30, ..Limits::default() };
    let server = limited(patient).await;
    let whole = server.exchange("GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(whole.len() > 64 << 20);
}

#[tokio::test]
async fn one_connection_too_many_is_503_and_a_free_place_is_taken_again() {
    let server = limited(Limits { connections: 2, ..Limits::default() }).await;
    let (mut first, mut second) = (server.connect().await, server.connect().await);
    for wire in [&mut first, &mut second] {
        wire.send("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert_eq!(status_of(&wire.answer().await), 200);
    }
    let answer = server.connect().await.rest().await;
    assert_eq!(status_of(&answer), 503, "{answer}");
    first.send("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(status_of(&first.answer().await), 200, "who is in stays in");
    drop(first);
    while !server.serves_others().await {}
}

#[tokio::test]
async fn one_connection_too_many_of_one_client_is_503_and_a_websocket_counts() {
    let server = limited(Limits { connections_per_client: 2, ..Limits::default() }).await;
    let (mut first, mut second) = (server.connect().await, server.connect().await);
    first.send("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(status_of(&first.answer().await), 200);
    let upgrade = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n\
                   Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    second.send(upgrade).await;
    second.0.read_exact(&mut [0; 200]).await.unwrap(); // past the answer: frames
    assert_eq!(status_of(&server.connect().await.rest().await), 503);
    drop(second);
    while !server.serves_others().await {}
    first.send("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(status_of(&first.answer().await), 200);
}

/// hyper's answer to what is no HTTP gets Node's body; a handler's looks the same and does not.
#[tokio::test]
async fn only_hypers_own_answers_are_rewritten() {
    let off = CorsOptions { origin: Origin::Off, ..CorsOptions::default() };
    let server = Server::start(IOServerOptions { cors: off, ..Default::default() }).await;
    let mut wire = server.connect().await;
    wire.send("GET /forged HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let answer = wire.answer().await;
    assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n"), "{answer}");
    wire.send("GET /forged HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(answers(&wire.answer().await), 1, "the connection goes on");
    wire.send("NOT HTTP AT ALL\r\n\r\n").await;
    let answer = wire.rest().await;
    assert!(
        answer.ends_with(r#"{"error":"Bad Request","message":"Client Error","statusCode":400}"#),
        "{answer}"
    );
}

#[tokio::test]
async fn the_clients_address_is_believed_from_trusted_proxies_only() {
    let forwarded = get("Host: x\r\nX-Forwarded-For: 1.2.3.4, 203.0.113.9\r\n");
    let server = server().await;
    assert!(server.exchange(&forwarded).await.ends_with(r#""ip":"127.0.0.1"}"#));
    let trust_proxy = vec!["127.0.0.0/8".parse().unwrap()];
    let server = Server::start(IOServerOptions { trust_proxy, ..Default::default() }).await;
    assert!(server.exchange(&forwarded).await.ends_with(r#""ip":"203.0.113.9"}"#));
}
