//! Socket.IO, packet by packet, as its protocol document and its test suite have it.

mod common;

use common::start;
use ioserver::{
    AppHandle, BaseMiddleware, ConnectError, Handshake, IOServer, IOServerOptions, Middleware,
    ServiceOptions, SocketOptions, service,
};
use ioserver_tests::{
    echo::serve,
    protocol::{Polling, Wire},
};

#[tokio::test]
async fn a_client_connects_to_namespaces_with_and_without_auth() {
    let server = start().await;
    let mut wire = Wire::open(&server.address).await;
    wire.send("40").await;
    assert!(wire.packet("40{\"sid\":\"").await.ends_with("\"}"));
    assert_eq!(wire.packet("42").await, r#"42["auth",{}]"#);
    wire.send(r#"40/custom,{"token":"123"}"#).await;
    wire.packet("40/custom,{\"sid\":\"").await;
    assert_eq!(wire.packet("42").await, r#"42/custom,["auth",{"token":"123"}]"#);
}

#[tokio::test]
async fn a_namespace_that_is_not_there_refuses_and_the_others_stay() {
    let server = serve(SocketOptions::default()).await;
    let (mut wire, _) = Wire::join(&server.address().to_string(), "/").await;
    for namespace in ["/random", "/é", "/Chat", "/chat/"] {
        wire.send(&format!("40{namespace}")).await;
        let refused = format!("44{namespace},{{\"message\":\"Invalid namespace\"}}");
        assert_eq!(wire.packet("44").await, refused);
    }
    wire.send("42[\"message\",1]").await;
    wire.packet("42[\"message-back\",1]").await;
}

#[tokio::test]
async fn a_client_without_a_namespace_is_gone_after_the_connect_timeout() {
    let server = start().await;
    Wire::open(&server.address).await.closed().await;
    let mut wire = Wire::open(&server.address).await;
    wire.send("40/random").await;
    wire.packet("44").await;
    wire.closed().await;
}

#[tokio::test]
async fn what_comes_before_connect_or_for_a_namespace_that_was_left_closes_the_client() {
    let server = serve(SocketOptions::default()).await;
    let address = &server.address().to_string();
    for packet in ["42[\"message\"]", "43[1]", "41", "4/chat", "42/chat,[\"message\"]"] {
        let mut wire = Wire::open(address).await;
        wire.send(packet).await;
        wire.closed().await;
    }
    let (mut wire, _) = Wire::join(address, "/").await;
    wire.send("42/chat,[\"message\"]").await;
    wire.closed().await;
    let (mut wire, _) = Wire::join(address, "/").await;
    wire.send("41").await;
    wire.send("42[\"message\"]").await;
    wire.closed().await;
}

#[tokio::test]
async fn a_second_connect_to_a_namespace_closes_the_client() {
    let server = serve(SocketOptions::default()).await;
    let address = &server.address().to_string();
    for (namespace, packet) in [("/", "40"), ("/chat", "40/chat,"), ("/chat", "40/chat,{}")] {
        let (mut wire, _) = Wire::join(address, namespace).await;
        wire.send(packet).await;
        wire.send("42[\"message\"]").await;
        assert_eq!(wire.rest().await, ["1"]);
    }
    let session = Polling::open(address).await;
    session.post("40").await;
    session.packet("40").await;
    session.post("40\u{1e}42[\"message\"]").await;
    assert_eq!(session.poll().await.status, 400);
}

#[tokio::test]
async fn a_client_may_leave_a_namespace_and_join_it_anew_in_one_breath() {
    let server = serve(SocketOptions::default()).await;
    let (mut wire, _) = Wire::join(&server.address().to_string(), "/").await;
    for _ in 0..20 {
        wire.enter("/chat").await;
        wire.feed("41/chat,").await;
    }
    wire.enter("/chat").await;
    wire.send("42/chat,[\"leave\",false]").await;
    wire.packet("41/chat,").await;
    wire.enter("/chat").await;
}

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
        assert_eq!(wire.rest().await, ["42[\"message-back\",\"before\"]", "1"], "{packet}");
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
    let packets =
        ["0", "0{}", "3probe", "3x", "5", "6", "6x", "42", "421", "43", "43[]", "431", "431[]"];
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
        assert_eq!(wire.rest().await, ["1"], "{number}");
    }
}

#[tokio::test]
async fn a_refusal_carries_data_on_both_transports() {
    let options = IOServerOptions { host: "127.0.0.1".into(), port: 0, ..Default::default() };
    let mut server = IOServer::new(options);
    let middlewares = vec![Refusing];
    let service = ServiceOptions { middlewares, ..ServiceOptions::new("guarded", |_| Guarded) };
    server.add_service(service).expect("a service");
    let server = server.start().await.expect("a server");
    let address = &server.address().to_string();
    let (mut wire, _) = Wire::join(address, "/").await;
    let session = Polling::open(address).await;
    session.post("40").await;
    session.packet("40").await;
    let long = format!("[\"é\\n\",\"{}\"]", "a".repeat(70_000));
    for data in ["0", "{\"code\":42}", &long] {
        let connect = format!("40/guarded,{{\"data\":{data}}}");
        let refused = format!("44/guarded,{{\"message\":\"no \\\"entry\\\"\",\"data\":{data}}}");
        wire.send(&connect).await;
        assert_eq!(wire.packet("4").await, refused);
        session.post(connect).await;
        assert_eq!(session.packet("4").await, refused);
    }
    wire.send("40/guarded").await;
    assert_eq!(wire.packet("4").await, "44/guarded,{\"message\":\"no\"}");
}

struct Guarded;

#[service]
impl Guarded {}

#[derive(Default, Middleware)]
#[middleware(Handshake)]
struct Refusing {}

impl BaseMiddleware<Handshake> for Refusing {
    async fn handle(&self, handshake: &mut Handshake, _: &AppHandle) -> Result<(), ConnectError> {
        Err(match handshake.auth().get("data") {
            Some(data) => ConnectError::new("no \"entry\"").with_data(data.clone()),
            None => ConnectError::new("no"),
        })
    }
}

#[tokio::test]
async fn events_carry_any_number_of_arguments_of_any_shape() {
    let server = serve(SocketOptions::default()).await;
    let (mut wire, _) = Wire::join(&server.address().to_string(), "/").await;
    for arguments in
        ["", r#",1,"2",{"3":[true,null]}"#, r#",[1,2],[]"#, r#","é \"quoted\" ☕""#, ",0.1,-1,1e21"]
    {
        wire.send(&format!("42[\"message\"{arguments}]")).await;
        let back = wire.packet("42[\"message-back\"").await;
        assert_eq!(back.replace("1e+21", "1e21"), format!("42[\"message-back\"{arguments}]"));
        wire.send(&format!("427[\"echo\"{arguments}]")).await;
        let ack = wire.packet("437[").await;
        let expected = arguments.strip_prefix(',').unwrap_or_default();
        assert_eq!(ack.replace("1e+21", "1e21"), format!("437[{expected}]"));
    }
}

#[tokio::test]
async fn the_server_asks_for_an_ack_and_hears_all_of_it() {
    let server = start().await;
    let (mut wire, _) = Wire::join(&server.address, "/").await;
    wire.packet("42[\"auth\"").await;
    for (sent, acked) in [(r#","a""#, r#""b""#), (",1,[2]", "3,[4]"), ("", "")] {
        wire.send(&format!("42[\"emit-with-ack\"{sent}]")).await;
        let packet = wire.packet("42").await;
        let (id, rest) = packet[2..].split_once('[').unwrap();
        assert_eq!(rest, format!("\"emit-with-ack\"{sent}]"));
        wire.send(&format!("43{id}[{acked}]")).await;
        let back = wire.packet("42[\"emit-with-ack-response\"").await;
        let comma = if acked.is_empty() { "" } else { "," };
        assert_eq!(back, format!("42[\"emit-with-ack-response\"{comma}{acked}]"));
    }
    wire.send("42[\"emit-with-ack\",1]").await; // not acked: an error after 200 ms
    wire.packet("42").await;
    let error = wire.packet("42[\"error\"").await;
    assert!(error.contains(r#""status":"error""#), "{error}");
}

#[tokio::test]
async fn binary_data_goes_both_ways_in_events_and_acks() {
    let server = serve(SocketOptions::default()).await;
    let address = &server.address().to_string();
    for namespace in ["/", "/chat"] {
        let (mut wire, _) = Wire::join(address, namespace).await;
        let place = if namespace == "/" { "" } else { "/chat," };
        let holder = |number| format!(r#"{{"_placeholder":true,"num":{number}}}"#);
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

#[tokio::test]
async fn wrong_payloads_and_placeholders_are_answered_and_the_socket_lives() {
    let server = serve(SocketOptions::default()).await;
    let (mut wire, _) = Wire::join(&server.address().to_string(), "/").await;
    wire.send("421[\"leave\",\"no boolean\"]").await;
    let error = wire.packet("431[").await;
    assert!(error.contains("\"statusCode\":400"), "{error}");
    wire.send("42[\"leave\",\"no boolean\"]").await;
    assert!(wire.packet("42[\"error\"").await.contains("\"statusCode\":400"));
    // A placeholder without an attachment.
    wire.send("42[\"message\",{\"_placeholder\":true,\"num\":0}]").await;
    wire.packet("42[").await;
    wire.send("42[\"unknown\"]").await;
    wire.send("425[\"unknown\"]").await;
    wire.send("42[5,1]").await;
    wire.send("431[\"nobody asked\"]").await;
    wire.send("42[\"message\",\"alive\"]").await;
    assert_eq!(wire.packet("42").await, r#"42["message-back","alive"]"#);
}

#[tokio::test]
async fn event_names_arrive_however_their_json_is_written() {
    let server = serve(SocketOptions::default()).await;
    let address = &server.address().to_string();
    let events = [
        r#"421["café \"☕\""]"#,
        r#"421["caf\u00e9 \"\u2615\""]"#,
        r#"421[ "\u0063af\u00E9 \u0022☕\u0022" ]"#,
    ];
    let (mut wire, _) = Wire::join(address, "/").await;
    for event in events {
        wire.send(event).await;
        assert_eq!(wire.packet("43").await, r#"431["☕"]"#);
    }
    wire.send(r#"422["\u0065cho","\u0065"]"#).await;
    assert_eq!(wire.packet("43").await, r#"432["e"]"#);
    let session = Polling::open(address).await;
    session.post("40").await;
    session.packet("40").await;
    session.post(events.join("\u{1e}")).await;
    for _ in events {
        assert_eq!(session.packet("43").await, r#"431["☕"]"#);
    }
}

#[tokio::test]
async fn a_client_leaves_one_namespace_or_is_put_out_of_all() {
    let server = serve(SocketOptions::default()).await;
    let address = &server.address().to_string();
    let (mut wire, _) = Wire::join(address, "/").await;
    wire.enter("/chat").await;
    wire.send("41/chat,").await;
    wire.send("42[\"message\",1]").await;
    wire.packet("42[\"message-back\"").await;
    wire.enter("/chat").await;
    wire.send("42/chat,[\"leave\",false]").await;
    wire.packet("41/chat,").await;
    wire.send("42[\"message\",2]").await;
    wire.packet("42[\"message-back\"").await;
    wire.enter("/chat").await;
    wire.send("42/chat,[\"leave\",true]").await;
    let mut left = [wire.packet("41").await, wire.packet("41").await];
    left.sort();
    assert!(left[0].starts_with("41") && left[1].starts_with("41/chat"), "{left:?}");
    wire.closed().await;
    let session = Polling::open(address).await;
    session.post("40").await;
    session.packet("40").await;
    session.post("42[\"leave\",true]").await;
    session.packet("41").await;
    assert_eq!(session.poll().await.status, 400);
}
