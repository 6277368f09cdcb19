//! What polling answers look like to HTTP.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use ioserver::{IOServer, IOServerOptions, Mode, SocketOptions};
use ioserver_tests::{echo::serve, protocol::Polling};
use reqwest::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use serde_json::Value;

async fn get(url: &str, accept: &str) -> (HeaderMap, Vec<u8>) {
    let request = reqwest::Client::new().get(url).header(ACCEPT_ENCODING, accept);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    (response.headers().clone(), response.bytes().await.unwrap().to_vec())
}

#[tokio::test]
async fn long_answers_are_compressed_for_clients_that_accept_it_and_short_ones_never() {
    for (compression, accept, length, coding) in [
        (true, "gzip, deflate", 5000, Some("gzip")),
        (true, "deflate", 5000, Some("deflate")),
        (true, "br, identity", 5000, None),
        (true, "gzip;q=0", 5000, None),
        (true, "gzip", 500, None),
        (false, "gzip", 5000, None),
    ] {
        let server = serve(SocketOptions { compression, ..SocketOptions::default() }).await;
        let address = &server.address().to_string();
        let session = Polling::open(address).await;
        session.post("40").await;
        session.packet("40").await;
        session.post(format!("42[\"message\",\"{}\"]", "a".repeat(length))).await;
        let url =
            format!("http://{address}/socket.io/?EIO=4&transport=polling&sid={}", session.sid);
        let (headers, body) = get(&url, accept).await;
        let sent = headers.get(CONTENT_ENCODING).map(|coding| coding.to_str().unwrap());
        assert_eq!(sent, coding, "{accept}, {length}");
        assert_eq!(body.len() < length, coding.is_some(), "{accept}, {length}");
        assert_eq!(headers[CONTENT_TYPE], "text/plain; charset=UTF-8");
        assert_eq!(headers[CACHE_CONTROL], "no-store");
    }
}

#[tokio::test]
async fn the_cookie_and_the_upgrades_are_what_the_server_allows() {
    for (mode, upgrades) in [(Mode::Both, 1), (Mode::Polling, 0)] {
        let server = IOServer::new(IOServerOptions {
            host: "127.0.0.1".into(),
            port: 0,
            cookie: true,
            mode,
            ..IOServerOptions::default()
        });
        let server = server.start().await.unwrap();
        let url = format!("http://{}/socket.io/?EIO=4&transport=polling", server.address());
        let (headers, body) = get(&url, "identity").await;
        let open: Value = serde_json::from_slice(body.strip_prefix(b"0").unwrap()).unwrap();
        assert_eq!(open["upgrades"].as_array().unwrap().len(), upgrades);
        let cookie =
            format!("io={}; Path=/; HttpOnly; SameSite=Lax", open["sid"].as_str().unwrap());
        assert_eq!(headers["set-cookie"], *cookie);
    }
}

/// As on Node: only the answer of a poll opens a session with a cookie.
#[tokio::test]
async fn a_websocket_is_opened_without_a_cookie() {
    let server = IOServer::new(IOServerOptions {
        host: "127.0.0.1".into(),
        port: 0,
        cookie: true,
        ..IOServerOptions::default()
    });
    let server = server.start().await.unwrap();
    let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", server.address());
    let (_, answer) = tokio_tungstenite::connect_async(url).await.unwrap();
    assert!(answer.headers().get("set-cookie").is_none());
}
