//! Engine.IO, packet by packet, as its protocol document and its test suite have it.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod common;

use common::start;
use ioserver::SocketOptions;
use ioserver_tests::{
    echo::serve,
    protocol::{Polling, Wire},
};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

async fn status(url: String, method: reqwest::Method) -> u16 {
    reqwest::Client::new().request(method, url).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_session_opens_on_polling_and_says_what_holds() {
    let server = start().await;
    let session = Polling::open(&server.address).await;
    assert_eq!(session.open["upgrades"], json!(["websocket"]));
    assert_eq!(session.open["pingInterval"], 300);
    assert_eq!(session.open["pingTimeout"], 200);
    assert_eq!(session.open["maxPayload"], 1_000_000);
}

#[tokio::test]
async fn a_handshake_with_a_wrong_parameter_or_method_is_refused() {
    let server = start().await;
    let url = |query: &str| format!("http://{}/socket.io/?{query}", server.address);
    for query in ["transport=polling", "EIO=abc&transport=polling", "EIO=4", "EIO=4&transport=abc"]
    {
        assert_eq!(status(url(query), reqwest::Method::GET).await, 400, "{query}");
    }
    for method in [reqwest::Method::POST, reqwest::Method::PUT] {
        assert_eq!(status(url("EIO=4&transport=polling"), method).await, 400);
    }
    for query in ["transport=websocket", "EIO=abc&transport=websocket", "EIO=4&transport=abc"] {
        assert_eq!(Wire::connect(&server.address, query).await.unwrap_err(), 400, "{query}");
    }
}

#[tokio::test]
async fn a_payload_carries_several_packets_and_attachments_in_base64() {
    let server = serve(SocketOptions::default()).await;
    let address = &server.address().to_string();
    let session = Polling::open(address).await;
    session.post("40").await;
    session.packet("40").await;
    let answer = session.post("42[\"message\",1]\u{1e}42[\"message\",2]").await;
    assert_eq!((answer.status, &*answer.body), (200, "ok"));
    assert_eq!(session.packet("42[\"message").await, r#"42["message-back",1]"#);
    assert_eq!(session.packet("42[\"message").await, r#"42["message-back",2]"#);
    session.post("451-[\"message\",{\"_placeholder\":true,\"num\":0}]\u{1e}bAQIDBA==").await;
    assert!(session.packet("451-").await.contains("message-back"));
    assert_eq!(session.packet("b").await, "bAQIDBA==");
}

#[tokio::test]
async fn what_is_no_packet_ends_a_polling_session() {
    let server = serve(SocketOptions::default()).await;
    let address = &server.address().to_string();
    for payload in ["abc", "", "9", "4\u{1e}x"] {
        let session = Polling::open(address).await;
        session.poll().await; // the first ping
        session.post(payload).await;
        if !payload.is_empty() {
            assert_eq!(session.poll().await.status, 400, "{payload}");
        }
    }
}

#[tokio::test]
async fn a_second_poll_at_the_same_time_ends_the_session() {
    let server = serve(SocketOptions::default()).await;
    let address = &server.address().to_string();
    let session = Polling::open(address).await;
    session.poll().await; // the first ping
    let (first, second) = tokio::join!(session.poll(), session.poll());
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
    assert_eq!(session.poll().await.status, 400);
}

#[tokio::test]
async fn a_client_closes_its_session_on_either_transport() {
    let server = serve(SocketOptions::default()).await;
    let address = &server.address().to_string();
    let session = Polling::open(address).await;
    session.poll().await; // the first ping
    let (polled, posted) = tokio::join!(session.poll(), session.post("1"));
    assert_eq!((polled.status, &*polled.body, posted.status), (200, "6", 200));
    assert_eq!(session.poll().await.status, 400);
    let mut wire = Wire::open(address).await;
    wire.send("1").await;
    wire.closed().await;
}

#[tokio::test]
async fn the_server_pings_and_a_client_that_does_not_answer_is_gone() {
    let server = start().await;
    let mut wire = Wire::open(&server.address).await;
    for _ in 0..3 {
        assert_eq!(wire.raw().await, Some(Message::text("2")));
        wire.send("3").await;
    }
    wire.enter("/").await;
    while let Some(message) = wire.raw().await {
        assert!(matches!(message, Message::Text(_))); // pings that are not answered
    }
    let session = Polling::open(&server.address).await;
    while session.poll().await.status == 200 {}
    assert_eq!(session.poll().await.body, r#"{"code":1,"message":"Session ID unknown"}"#);
}

#[tokio::test]
async fn a_session_is_carried_over_to_websocket_and_polls_no_more() {
    let server = serve(SocketOptions::default()).await;
    let address = &server.address().to_string();
    let session = Polling::open(address).await;
    session.post("40").await;
    session.packet("40").await;
    let mut wire = Wire::connect(address, &session.upgrade_query()).await.unwrap();
    wire.send("2probe").await;
    wire.packet("3probe").await;
    while session.poll().await.body != "6" {} // the poll that is under way ends
    session.post("42[\"message\",\"sent on polling\"]").await;
    wire.send("5").await;
    assert_eq!(wire.packet("42").await, r#"42["message-back","sent on polling"]"#);
    wire.send("42[\"message\",\"sent on websocket\"]").await;
    assert_eq!(wire.packet("42").await, r#"42["message-back","sent on websocket"]"#);
    let late = session.poll().await;
    assert_eq!((late.status, &*late.body), (400, r#"{"code":3,"message":"Bad request"}"#));
    let mut second = Wire::connect(address, &session.upgrade_query()).await.unwrap();
    second.closed().await;
    wire.send("42[\"message\",\"still there\"]").await;
    wire.packet("42").await;
}

#[tokio::test]
async fn a_probe_that_fails_leaves_the_session_on_polling() {
    let server = serve(SocketOptions::default()).await;
    let address = &server.address().to_string();
    let session = Polling::open(address).await;
    session.post("40").await;
    session.packet("40").await;
    for packet in ["3probe", "2", "5", "42[\"message\",1]"] {
        let mut wire = Wire::connect(address, &session.upgrade_query()).await.unwrap();
        wire.send(packet).await;
        wire.closed().await;
    }
    let mut wire = Wire::connect(address, &session.upgrade_query()).await.unwrap();
    wire.send("2probe").await;
    wire.packet("3probe").await;
    drop(wire);
    session.post("42[\"message\",\"here\"]").await;
    assert_eq!(session.packet("42").await, r#"42["message-back","here"]"#);
}

#[tokio::test]
async fn packets_that_a_client_cannot_send_close_its_websocket_only() {
    let server = serve(SocketOptions::default()).await;
    let address = &server.address().to_string();
    let (mut witness, _) = Wire::join(address, "/").await;
    for packet in ["2", "2probe", "7", "", "abc", "é"] {
        let mut wire = Wire::open(address).await;
        wire.send(packet).await;
        wire.closed().await;
    }
    let mut wire = Wire::open(address).await;
    wire.send_binary(vec![1, 2, 3]).await;
    wire.closed().await;
    witness.send("42[\"message\"]").await;
    witness.packet("42[\"message-back\"]").await;
}

#[tokio::test]
async fn what_is_larger_than_the_limit_closes_its_client_only() {
    let server = serve(SocketOptions::default()).await;
    let address = &server.address().to_string();
    let (mut witness, _) = Wire::join(address, "/").await;
    let fits = format!("42[\"message\",\"{}\"]", "a".repeat(1_000_000 - 16));
    witness.send(&fits).await;
    witness.packet("42[\"message-back\"").await;
    let large = format!("42[\"message\",\"{}\"]", "a".repeat(1_000_000));
    let (mut wire, _) = Wire::join(address, "/").await;
    wire.send(&large).await;
    wire.closed().await;
    let (mut wire, _) = Wire::join(address, "/").await;
    wire.send("452-[\"message\",{\"_placeholder\":true,\"num\":0}]").await;
    wire.send_binary(vec![0; 600_000]).await;
    wire.send_binary(vec![0; 600_000]).await;
    wire.closed().await;
    let session = Polling::open(address).await;
    let refused = session.post(large).await;
    assert_eq!((refused.status, &*refused.body), (413, ""));
    assert_eq!(session.poll().await.status, 400);
    witness.send("42[\"message\"]").await;
    witness.packet("42[\"message-back\"]").await;
}
