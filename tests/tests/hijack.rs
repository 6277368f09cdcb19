//! Who knows another's `socket.id` must not get at that session.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::convert::Infallible;

use hyper_util::rt::TokioIo;
use ioserver::{SessionKey, SocketOptions};
use ioserver_tests::{
    echo::serve,
    protocol::{Answer, Polling, Wire},
};
use serde_json::Value;
use socketioxide::{SocketIo, extract::SocketRef};
use tokio::net::TcpListener;

const UNKNOWN: &str = r#"{"code":1,"message":"Session ID unknown"}"#;

/// A server on socketioxide alone.
async fn bare() -> String {
    let (service, io) = SocketIo::new_svc();
    io.ns("/", async |socket: SocketRef| {
        socket.on("message", async |socket: SocketRef| socket.emit("message-back", "").unwrap());
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service.clone())
                .with_upgrades();
            tokio::spawn(connection);
        }
        Ok::<_, Infallible>(())
    });
    address
}

/// A client on polling, and what the world may know: its `socket.id`.
async fn victim(address: &str) -> (Polling, String) {
    let session = Polling::open(address).await;
    session.post("40").await;
    let packet = session.packet("40").await;
    let connected: Value = serde_json::from_str(&packet[2..]).unwrap();
    let id = connected["sid"].as_str().unwrap().to_owned();
    (session, id)
}

fn is_unknown(answer: &Answer) -> bool {
    answer.status == 400 && answer.body == UNKNOWN
}

#[tokio::test]
async fn on_a_bare_server_a_socket_id_opens_the_session() {
    let (session, id) = victim(&bare().await).await;
    session.post("42[\"message\"]").await;
    let thief = session.with_sid(&id);
    assert!(thief.packet("42").await.contains("message-back"), "socketioxide has closed the hole");
}

#[tokio::test]
async fn a_socket_id_neither_polls_nor_posts_nor_upgrades() {
    let server = serve(SocketOptions::default()).await;
    let address = &server.address().to_string();
    let (session, id) = victim(address).await;
    assert_ne!(session.sid, id);
    let tag = &session.sid[id.len()..];
    assert!(tag.len() * 6 >= 96, "a MAC of at least 96 bits");
    let (other, _) = victim(address).await;
    let borrowed = format!("{id}{}", &other.sid[id.len()..]);
    for forged in [id.clone(), borrowed, format!("{id}{}", "A".repeat(tag.len()))] {
        let thief = session.with_sid(&forged);
        assert!(is_unknown(&thief.poll().await));
        assert!(is_unknown(&thief.post("42[\"message\",\"from the thief\"]").await));
        assert!(is_unknown(&thief.post("1").await));
        assert_eq!(Wire::connect(address, &thief.upgrade_query()).await.unwrap_err(), 400);
    }
    session.post("42[\"message\",\"from the victim\"]").await;
    assert_eq!(session.packet("42").await, r#"42["message-back","from the victim"]"#);
}

#[tokio::test]
async fn nothing_that_a_client_on_websocket_hears_opens_its_session() {
    let server = serve(SocketOptions::default()).await;
    let address = &server.address().to_string();
    let mut wire = Wire::connect(address, "EIO=4&transport=websocket").await.unwrap();
    let open: Value = serde_json::from_str(&wire.packet("0").await[1..]).unwrap();
    let heard = open["sid"].as_str().unwrap().to_owned();
    let id = wire.enter("/").await;
    let (session, _) = victim(address).await;
    for sid in [heard, id] {
        let thief = session.with_sid(&sid);
        assert_eq!(thief.poll().await.status, 400);
        assert_eq!(thief.post("1").await.status, 400);
        assert!(Wire::connect(address, &thief.upgrade_query()).await.is_err());
    }
    wire.send("421[\"echo\"]").await;
    wire.packet("431[]").await;
}

#[tokio::test]
async fn an_id_is_of_one_key_and_nodes_may_share_it() {
    let options = |secret: u8| {
        let session_key = Some(SessionKey::new([secret; 32]).unwrap());
        SocketOptions { session_key, ..SocketOptions::default() }
    };
    let (one, same, other) =
        (serve(options(1)).await, serve(options(1)).await, serve(options(2)).await);
    let (session, id) = victim(&one.address().to_string()).await;
    // The MAC alone is the same wherever the key is: there is no session behind it elsewhere.
    for server in [&same, &other] {
        let elsewhere = Polling::open(&server.address().to_string()).await;
        assert!(is_unknown(&elsewhere.with_sid(&session.sid).poll().await));
    }
    assert!(session.sid.starts_with(&id));
}
