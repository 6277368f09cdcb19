//! Messages in several frames, as proxies on the way may send them: RFC 6455 section 5.4.

use ioserver::SocketOptions;
use ioserver_tests::{
    echo::serve,
    protocol::{Polling, Wire},
    raw::{Heard, Raw, frame, in_parts},
};

fn closed(heard: Option<Heard>) -> bool {
    heard.is_some_and(|heard| heard.first == 0x88)
}

#[tokio::test]
async fn a_packet_in_parts_is_one_packet_wherever_it_is_cut() {
    let server = serve(SocketOptions::default()).await;
    let mut raw = Raw::open(server.address()).await;
    raw.write(&in_parts(1, &[b"4", b"", b"0"])).await;
    raw.text("40{\"sid\"").await;
    let packet = "42[\"message\",\"\u{e9} \u{2615}\"]".as_bytes();
    for cut in 0..=packet.len() {
        raw.write(&in_parts(1, &[&packet[..cut], &packet[cut..]])).await;
        assert_eq!(raw.text("42").await, "42[\"message-back\",\"\u{e9} \u{2615}\"]");
    }
    raw.write(&in_parts(1, &[b"40/ran", b"dom,"])).await;
    let refused = raw.text("44").await;
    assert_eq!(refused, "44/random,{\"message\":\"Invalid namespace\"}");
    raw.write(&in_parts(1, &[b"421[\"\\u00", b"65cho\",1]"])).await;
    assert_eq!(raw.text("43").await, "431[1]");
}

#[tokio::test]
async fn pings_between_the_parts_are_answered_at_once() {
    let server = serve(SocketOptions::default()).await;
    let mut raw = Raw::open(server.address()).await;
    raw.send("40").await;
    raw.text("40").await;
    raw.write(&frame(1, b"42[\"message\"")).await;
    raw.write(&frame(0x89, b"are you there?")).await;
    loop {
        // A ping of the engine's own cannot be answered in the middle of a message.
        let heard = raw.any().await.expect("a pong");
        if heard.first == 0x8a {
            assert_eq!(heard.payload, b"are you there?");
            break;
        }
    }
    raw.write(&[frame(0, b","), frame(0x8a, b""), frame(0x80, b"1]")].concat()).await;
    assert_eq!(raw.text("42").await, "42[\"message-back\",1]");
}

#[tokio::test]
async fn attachments_come_in_parts_too() {
    let server = serve(SocketOptions::default()).await;
    let mut raw = Raw::open(server.address()).await;
    raw.send("40").await;
    raw.text("40").await;
    raw.send("451-[\"message\",{\"_placeholder\":true,\"num\":0}]").await;
    raw.write(&in_parts(2, &[&[1], &[2, 3], &[]])).await;
    raw.text("451-[\"message-back\"").await;
    let attachment = raw.next().await.expect("an attachment");
    assert_eq!((attachment.first, &*attachment.payload), (0x82, &[1, 2, 3][..]));
}

#[tokio::test]
async fn a_packet_in_parts_is_refused_as_one_in_a_frame_of_its_own() {
    let server = serve(SocketOptions::default()).await;
    for (one, two) in
        [("42[\"disc", "onnect\"]"), ("42/no", "pe,[1]"), ("", "2"), ("4", "7"), ("40[\"x\"", "]")]
    {
        let mut raw = Raw::open(server.address()).await;
        raw.send("40").await;
        raw.text("40").await;
        raw.write(&in_parts(1, &[one.as_bytes(), two.as_bytes()])).await;
        raw.send("42[\"message\",\"after\"]").await;
        assert!(closed(raw.next().await), "{one}, {two}");
    }
}

/// Each part fits, and there is no end to them: what is kept has one.
#[tokio::test]
async fn parts_without_end_close_their_client_only() {
    let server = serve(SocketOptions::default()).await;
    let (mut witness, _) = Wire::join(&server.address().to_string(), "/").await;
    for opcode in [1, 2] {
        let mut raw = Raw::open(server.address()).await;
        raw.write(&frame(opcode, &[b'4'; 100_000])).await;
        for _ in 0..9 {
            raw.write(&frame(0, &[b'4'; 100_000])).await;
        }
        raw.write(&frame(0, b"4")).await;
        assert_eq!(raw.status().await, Some(1009));
    }
    let mut raw = Raw::open(server.address()).await;
    raw.send("40").await;
    raw.text("40").await;
    raw.write(&frame(1, b"42[\"message\"")).await;
    let nothing = frame(0, b"").repeat(10_000);
    raw.write(&nothing).await;
    raw.write(&frame(0x80, b"]")).await;
    raw.text("42[\"message-back\"]").await;
    witness.send("421[\"echo\",1]").await;
    witness.packet("431[1]").await;
}

#[tokio::test]
async fn an_upgrade_may_come_in_parts() {
    let server = serve(SocketOptions::default()).await;
    let session = Polling::open(&server.address().to_string()).await;
    session.post("40").await;
    session.packet("40").await;
    let mut raw = Raw::connect(server.address(), &session.upgrade_query()).await;
    raw.write(&in_parts(1, &[b"2pro", b"be"])).await;
    assert_eq!(raw.text("3").await, "3probe");
    raw.write(&in_parts(1, &[b"", b"5"])).await;
    raw.write(&in_parts(1, &[b"42[\"mess", b"age\"]"])).await;
    raw.text("42[\"message-back\"]").await;
}

/// Its bytes are read to their end: the system would reset the connection otherwise, and what the
/// server said last be lost.
#[tokio::test]
async fn a_client_that_goes_on_sending_hears_why_it_is_refused() {
    let server = serve(SocketOptions::default()).await;
    for _ in 0..20 {
        let mut raw = Raw::open(server.address()).await;
        let too_long = frame(0x81, &[b'4'; 1_000_001]);
        raw.write(&[too_long, frame(0x82, &[0; 500_000])].concat()).await;
        assert_eq!(raw.status().await, Some(1009));
        assert!(raw.ends().await);
        let session = Polling::open(&server.address().to_string()).await;
        let mut raw = Raw::connect(server.address(), &session.upgrade_query()).await;
        raw.write(&[frame(0x81, b"x"), frame(0x82, &[0; 500_000])].concat()).await;
        assert_eq!(raw.status().await, None);
        assert!(raw.ends().await);
    }
}
