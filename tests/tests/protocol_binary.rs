//! Attachments, on both transports.

mod common;

use common::start;
use ioserver::SocketOptions;
use ioserver_tests::{
    echo::serve,
    protocol::{Polling, Wire},
};

fn holder(number: usize) -> String {
    format!("{{\"_placeholder\":true,\"num\":{number}}}")
}

#[tokio::test]
async fn placeholders_name_their_attachments() {
    let server = serve(SocketOptions::default()).await;
    let address = &server.address().to_string();
    let event = |numbers: [&str; 2]| {
        let [one, two] =
            numbers.map(|number| format!("{{\"_placeholder\":true,\"num\":{number}}}"));
        format!("452-[\"message\",{one},{two}]")
    };
    for (numbers, [one, two]) in [(["0", "1"], [1, 2]), (["1", "0"], [2, 1]), (["1", "1"], [2, 2])]
    {
        let (mut wire, _) = Wire::join(address, "/").await;
        wire.send(&event(numbers)).await;
        wire.send_binary(vec![1]).await;
        wire.send_binary(vec![2]).await;
        wire.packet("452-[\"message-back\"").await;
        assert_eq!(
            (wire.binary().await, wire.binary().await),
            (vec![one].into(), vec![two].into())
        );
    }
    for number in ["2", "-1", "\"0\"", "null"] {
        let (mut wire, _) = Wire::join(address, "/").await;
        wire.send(&event(["0", number])).await;
        wire.send_binary(vec![1]).await;
        wire.send_binary(vec![2]).await;
        assert_eq!(wire.rest().await, [""; 0], "{number}");
    }
}

#[tokio::test]
async fn binary_data_goes_both_ways_in_events_and_acks() {
    let server = serve(SocketOptions::default()).await;
    let address = &server.address().to_string();
    for namespace in ["/", "/chat"] {
        let (mut wire, _) = Wire::join(address, namespace).await;
        let place = if namespace == "/" { "" } else { "/chat," };
        let data = format!("{},{{\"in\":{}}}", holder(0), holder(1));
        wire.send(&format!("452-{place}[\"message\",{data}]")).await;
        wire.send_binary(vec![1, 2]).await;
        wire.send_binary(vec![3]).await;
        let back = wire.packet("45").await;
        assert_eq!(back, format!("452-{place}[\"message-back\",{data}]"));
        assert_eq!((wire.binary().await, wire.binary().await), (vec![1, 2].into(), vec![3].into()));
        wire.send(&format!("451-{place}9[\"echo\",{}]", holder(0))).await;
        wire.send_binary(vec![7]).await;
        assert_eq!(wire.packet("46").await, format!("461-{place}9[{}]", holder(0)));
        assert_eq!(wire.binary().await, vec![7]);
    }
}

#[tokio::test]
async fn binary_data_goes_both_ways_on_polling() {
    let server = serve(SocketOptions::default()).await;
    let session = Polling::open(&server.address().to_string()).await;
    session.post("40\u{1e}40/chat,").await;
    session.packet("40").await;
    for place in ["", "/chat,"] {
        let data = format!("{},{}", holder(1), holder(0));
        session.post(format!("452-{place}[\"message\",{data}]\u{1e}bAQI=\u{1e}bAw==")).await;
        let back = format!("452-{place}[\"message-back\",{},{}]", holder(0), holder(1));
        assert_eq!(session.packet("45").await, back);
        assert_eq!(session.packet("b").await, "bAw==");
        assert_eq!(session.packet("b").await, "bAQI=");
        // The attachment comes in a payload of its own, and is empty.
        session.post(format!("451-{place}7[\"echo\",{}]", holder(0))).await;
        session.post("b").await;
        assert_eq!(session.packet("46").await, format!("461-{place}7[{}]", holder(0)));
        assert_eq!(session.packet("b").await, "b");
    }
}

#[tokio::test]
async fn the_server_asks_for_an_ack_with_binary_data() {
    let server = start().await;
    let (mut wire, _) = Wire::join(&server.address, "/").await;
    wire.packet("42[\"auth\"").await;
    wire.send(&format!("451-[\"emit-with-ack\",{}]", holder(0))).await;
    wire.send_binary(vec![1, 2]).await;
    let packet = wire.packet("451-").await;
    assert_eq!(wire.binary().await, vec![1, 2]);
    let id: String = packet[4..].chars().take_while(char::is_ascii_digit).collect();
    assert_eq!(packet, format!("451-{id}[\"emit-with-ack\",{}]", holder(0)));
    wire.send(&format!("461-{id}[{}]", holder(0))).await;
    wire.send_binary(vec![3]).await;
    let back = format!("451-[\"emit-with-ack-response\",{}]", holder(0));
    assert_eq!(wire.packet("451-").await, back);
    assert_eq!(wire.binary().await, vec![3]);
}

#[tokio::test]
async fn attachments_that_are_not_due_or_do_not_come_close_the_client() {
    let server = serve(SocketOptions::default()).await;
    let address = &server.address().to_string();
    let event = |count: usize| format!("45{count}-[\"nobody\",{}]", holder(0));
    let many: Vec<_> = (0..10).map(holder).collect();
    let ten = format!("4510-[\"message\",{}]", many.join(","));
    for (packets, attachments, next) in [
        (vec![], 1, None),
        (vec!["42[\"nobody\"]".to_owned()], 1, None),
        (vec![event(1)], 2, None),
        (vec![event(2)], 1, Some("42[\"message\"]")),
        (vec![event(1)], 0, Some("42[\"message\"]")),
        (vec![event(11)], 0, None),
        (vec![ten.replace("4510-", "4511-")], 0, None),
        (vec![format!("461-1[{}]x", holder(0))], 1, None),
        (vec![format!("451-[{}]", holder(0))], 1, None),
    ] {
        let (mut wire, _) = Wire::join(address, "/").await;
        for packet in &packets {
            wire.send(packet).await;
        }
        for _ in 0..attachments {
            wire.send_binary(vec![1]).await;
        }
        if let Some(next) = next {
            wire.send(next).await;
        }
        assert_eq!(wire.rest().await, [""; 0], "{packets:?}, {attachments}");
    }
    let (mut wire, _) = Wire::join(address, "/").await;
    wire.send(&ten).await;
    wire.send("3").await; // an answer to a ping may come between
    for number in 0..10 {
        wire.send_binary(vec![number]).await;
    }
    wire.packet("4510-[\"message-back\"").await;
    for number in 0..10 {
        assert_eq!(wire.binary().await, vec![number]);
    }
}
