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
        assert_eq!(wire.rest().await, [""; 0]);
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
async fn a_refusal_carries_data_on_both_transports() {
    let socket = SocketOptions { max_auth: 100_000, ..SocketOptions::default() };
    let options =
        IOServerOptions { host: "127.0.0.1".into(), port: 0, socket, ..Default::default() };
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
async fn a_client_that_is_put_out_in_the_middle_of_its_words_hears_of_it() {
    let server = serve(SocketOptions::default()).await;
    for words in [1, 10, 100] {
        let (mut wire, _) = Wire::join(&server.address().to_string(), "/").await;
        wire.feed("42[\"leave\",true]").await;
        for _ in 0..words {
            wire.feed("42[\"message\",\"and another thing, before you go away\"]").await;
        }
        wire.send("3").await;
        assert_eq!(wire.packet("4").await, "41", "after {words} words");
        wire.closed().await;
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
