//! What the public suites of both protocols ask of a server, as far as no other file here asks it.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod common;

use common::start;
use ioserver_tests::protocol::{Polling, Wire};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

/// Looks at the packet that opens a session; gives back its `upgrades`.
fn upgrades(open: &Value) -> &Value {
    let open = open.as_object().unwrap();
    let mut names: Vec<_> = open.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["maxPayload", "pingInterval", "pingTimeout", "sid", "upgrades"]);
    assert!(open["sid"].is_string());
    assert_eq!((&open["pingInterval"], &open["pingTimeout"]), (&json!(300), &json!(200)));
    assert_eq!(open["maxPayload"], 1_000_000);
    &open["upgrades"]
}

#[tokio::test]
async fn a_session_opens_with_these_members_and_no_others_on_both_transports() {
    let server = start().await;
    let session = Polling::open(&server.address).await;
    assert_eq!(upgrades(&session.open), &json!(["websocket"]));
    let query = "EIO=4&transport=websocket";
    let mut wire = Wire::connect(&server.address, query).await.unwrap();
    let open = wire.packet("0").await;
    assert_eq!(upgrades(&serde_json::from_str(&open[1..]).unwrap()), &json!([]));
}

#[tokio::test]
async fn a_client_on_polling_is_asked_whether_it_lives_and_is_gone_if_it_does_not_say_so() {
    let server = start().await;
    let session = Polling::open(&server.address).await;
    for _ in 0..3 {
        let asked = session.poll().await;
        assert_eq!((asked.status, &*asked.body), (200, "2"));
        let answered = session.post("3").await;
        assert_eq!((answered.status, &*answered.body), (200, "ok"));
    }
    while session.poll().await.status == 200 {} // what is asked is not answered
    assert_eq!(session.post("3").await.status, 400);
}

#[tokio::test]
async fn one_of_two_polls_hears_that_the_session_is_closed() {
    let server = start().await;
    let session = Polling::open(&server.address).await;
    session.poll().await; // the first ping
    let (first, second) = tokio::join!(session.poll(), session.poll());
    let (closed, refused) = if first.status == 200 { (first, second) } else { (second, first) };
    assert_eq!((closed.status, &*closed.body, refused.status), (200, "1", 400));
}

#[tokio::test]
async fn a_client_that_breaks_a_poll_off_has_no_session_any_more() {
    let server = start().await;
    let session = Polling::open(&server.address).await;
    session.poll().await; // the first ping
    drop(session.begin("GET", "\r\n").await);
    while session.post("3").await.status == 200 {
        tokio::task::yield_now().await; // until the server has noticed
    }
    assert_eq!(session.poll().await.status, 400);
}

#[tokio::test]
async fn each_namespace_is_joined_with_and_without_a_payload() {
    let server = start().await;
    for (place, auth) in [("", "{}"), ("", "{\"token\":\"123\"}"), ("/custom,", "{}")] {
        let mut wire = Wire::open(&server.address).await;
        let payload = if auth == "{}" { "" } else { auth };
        wire.send(&format!("40{place}{payload}")).await;
        let packet = wire.packet(&format!("40{place}")).await;
        let joined: Value = serde_json::from_str(&packet[2 + place.len()..]).unwrap();
        let members = joined.as_object().unwrap();
        assert!(members.len() == 1 && members["sid"].is_string(), "{packet}");
        assert_eq!(wire.packet("42").await, format!("42{place}[\"auth\",{auth}]"));
    }
}

#[tokio::test]
async fn a_client_that_has_left_all_namespaces_is_gone_when_it_does_not_answer_pings() {
    let server = start().await;
    let (mut wire, _) = Wire::join(&server.address, "/").await;
    wire.packet("42[\"auth\"").await;
    wire.send("41").await;
    while let Some(message) = wire.raw().await {
        assert_eq!(message, Message::text("2"));
    }
}

#[tokio::test]
async fn a_custom_namespace_is_left_and_the_main_one_stays() {
    let server = start().await;
    let (mut wire, _) = Wire::join(&server.address, "/").await;
    wire.packet("42[\"auth\"").await;
    wire.enter("/custom").await;
    wire.packet("42/custom,[\"auth\"").await;
    wire.send("41/custom").await;
    wire.send("42[\"message\",\"message to main namespace\"]").await;
    let back = wire.packet("42").await;
    assert_eq!(back, "42[\"message-back\",\"message to main namespace\"]");
}

#[tokio::test]
async fn events_are_acked_with_text_and_with_binary_data() {
    let server = start().await;
    let (mut wire, _) = Wire::join(&server.address, "/").await;
    wire.packet("42[\"auth\"").await;
    wire.send("42456[\"message-with-ack\",1,\"2\",{\"3\":[false]}]").await;
    assert_eq!(wire.packet("43").await, "43456[1,\"2\",{\"3\":[false]}]");
    let holders = "{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}";
    wire.send(&format!("452-789[\"message-with-ack\",{holders}]")).await;
    wire.send_binary(vec![1, 2, 3]).await;
    wire.send_binary(vec![4, 5, 6]).await;
    assert_eq!(wire.packet("46").await, format!("462-789[{holders}]"));
    assert_eq!(
        (wire.binary().await, wire.binary().await),
        (vec![1, 2, 3].into(), vec![4, 5, 6].into())
    );
}

#[tokio::test]
async fn a_packet_of_an_unknown_type_with_another_payload_or_with_another_id_closes_the_client() {
    let server = start().await;
    for packet in ["4abc", "42{}", "42abc[\"message-with-ack\",1,\"2\",{\"3\":[false]}]"] {
        let (mut wire, _) = Wire::join(&server.address, "/").await;
        wire.packet("42[\"auth\"").await;
        wire.send(packet).await;
        assert_eq!(wire.rest().await, [""; 0], "{packet}");
    }
}
