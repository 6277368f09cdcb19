//! What Node's Socket.IO refuses, and what it passes over.

use ioserver::SocketOptions;
use ioserver_tests::{
    echo::serve,
    protocol::{Polling, Wire},
};

#[tokio::test]
async fn auth_that_is_no_object_closes_the_client() {
    let server = serve(SocketOptions::default()).await;
    let address = &server.address().to_string();
    let long = format!("40/chat,[\"{}\"]", "a".repeat(10_000));
    for packet in [
        "40/chat,\"x\"",
        "40/chat,[]",
        "40/chat,null",
        "40/chat,{\"a\"",
        "40/chat,{}x",
        "40/nope,\"x\"",
        &long,
        &long.replace("chat", "nope"),
    ] {
        let (mut wire, _) = Wire::join(address, "/").await;
        wire.send(packet).await;
        wire.closed().await;
    }
    let (mut wire, _) = Wire::join(address, "/").await;
    wire.send("40/chat, {\"a\":1} ").await;
    wire.packet("40/chat,{\"sid\"").await;
    wire.send("41/chat").await;
    wire.send("40/chat,5").await; // an id, which means nothing
    wire.packet("40/chat,{\"sid\"").await;
}

#[tokio::test]
async fn what_node_refuses_closes_the_client_without_a_word() {
    let server = serve(SocketOptions::default()).await;
    let address = &server.address().to_string();
    let long = format!("431[\"{}\"]x", "a".repeat(10_000));
    let packets = [
        "42/nope,[\"message\"]",
        "43/nope,1[]",
        "41/nope",
        "451-/nope,[\"message\",{\"_placeholder\":true,\"num\":0}]",
        "42[\"disconnect\"]",
        "42[\"disc\\u006fnnect\"]",
        "42[ \"newListener\",1]",
        "42[\"message\",1]x",
        "421[\"echo\",1] x",
        "42[\"message\",1][]",
        "42[\"message\",[1]][2]",
        "41x",
        "41{}",
        "41/chat,x",
        "450-[\"message\"]",
        "460-1[]",
        "431{}",
        "43/chat,1{}",
        "431[]x",
        "42abc[\"echo\",1]",
        &long,
        "44",
        "2",
        "2probe",
    ];
    for packet in packets {
        let (mut wire, _) = Wire::join(address, "/").await;
        wire.enter("/chat").await;
        wire.feed("42[\"message\",\"before\"]").await;
        wire.feed(packet).await;
        wire.send("42[\"message\",\"after\"]").await;
        assert_eq!(wire.rest().await, ["42[\"message-back\",\"before\"]"], "{packet}");
        let session = Polling::open(address).await;
        session.post("40\u{1e}40/chat,").await;
        session.packet("40").await;
        session.post(format!("{packet}\u{1e}42[\"message\",\"after\"]")).await;
        loop {
            let answer = session.poll().await;
            assert!(!answer.body.contains("after"), "{packet}: {}", answer.body);
            if answer.status == 400 {
                break;
            }
        }
    }
}

#[tokio::test]
async fn what_node_passes_over_is_passed_over() {
    let server = serve(SocketOptions::default()).await;
    let address = &server.address().to_string();
    let long = format!("431[\"{}\"]", "a".repeat(10_000));
    let packets = [
        &*long, "0", "0{}", "3probe", "3x", "5", "6", "6x", "42", "421", "43", "43[]", "431",
        "431[]",
    ];
    let (mut wire, _) = Wire::join(address, "/").await;
    let session = Polling::open(address).await;
    session.post("40").await;
    session.packet("40").await;
    for packet in packets {
        wire.send(packet).await;
        wire.send("42[\"message\",\"alive\"]").await;
        assert_eq!(wire.packet("4").await, "42[\"message-back\",\"alive\"]", "{packet}");
        session.post(format!("{packet}\u{1e}42[\"message\",\"alive\"]")).await;
        assert_eq!(session.packet("4").await, "42[\"message-back\",\"alive\"]", "{packet}");
    }
}

#[tokio::test]
async fn what_is_no_packet_closes_its_client_only() {
    let server = serve(SocketOptions::default()).await;
    let address = &server.address().to_string();
    let (mut witness, _) = Wire::join(address, "/").await;
    let long = format!("4{}", "[".repeat(100_000));
    let many = format!("411-[\"message\"{}]", ",{\"_placeholder\":true,\"num\":0}".repeat(11));
    let many = many.replacen("411-", "4511-", 1);
    let packets = [
        "4",
        "4a",
        "47",
        "48",
        "42{}",
        "42[",
        "42[\"message\"",
        "42[{}]",
        "42[null]",
        "42\"message\"",
        "42[\"connect\"]",
        "42[\"disconnect\"]",
        "42[\"disconnecting\",1]",
        "42[\"connect_error\"]",
        "42[\"newListener\"]",
        "42[\"disc\\u006fnnect\"]",
        "42[\"a\\x\"]",
        "45[\"message\"]",
        "45-[\"message\"]",
        "4599999999999999999999-[]",
        "4511-[]",
        "44{}",
        "42[\"\\ud800\"]",
        &long,
        &many,
    ];
    for packet in packets {
        let (mut wire, _) = Wire::join(address, "/").await;
        wire.send(packet).await;
        wire.closed().await;
        witness.send("42[\"message\"]").await;
        witness.packet("42[\"message-back\"]").await;
    }
    // A packet where an attachment is due.
    let (mut wire, _) = Wire::join(address, "/").await;
    wire.send("451-[\"message\",{\"_placeholder\":true,\"num\":0}]").await;
    wire.send("42[\"message\"]").await;
    wire.closed().await;
}
