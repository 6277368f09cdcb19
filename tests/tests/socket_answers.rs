//! Events are answered: what a namespace's options add to that, and what they leave as it was.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::{sync::Mutex, time::Duration};

use ioserver::{
    Ack, AppHandle, Arguments, EventName, IOServer, IOServerOptions, NamespaceOptions, Result,
    RunningServer, ServiceOptions, Socket, SocketOptions, service,
};
use ioserver_tests::protocol::{Wire, soon};
use serde_json::Value;
use tokio::sync::Notify;

/// Waits in its methods until it is told to go on.
#[derive(Default)]
struct Slow {
    go: Notify,
    kept: Mutex<Vec<Ack>>,
}

#[service]
impl Slow {
    pub async fn hang(&self) -> Result<()> {
        std::future::pending().await
    }

    pub async fn keep(&self, ack: Ack) {
        self.kept.lock().unwrap().push(ack);
    }

    pub async fn forget(&self) {
        self.kept.lock().unwrap().clear();
    }

    pub async fn nothing(&self) {}

    pub async fn answered(&self, ack: Ack) -> Result<()> {
        ack.send(("at once",));
        Ok(())
    }

    pub async fn wait(&self, number: u32) -> Result<u32> {
        self.go.notified().await;
        Ok(number)
    }

    pub async fn quick(&self, number: u32) -> Result<u32> {
        Ok(number)
    }

    pub async fn go(&self) {
        self.go.notify_one();
    }

    pub async fn panic(&self) -> Result<()> {
        panic!("on purpose")
    }
}

async fn start(options: NamespaceOptions) -> RunningServer {
    let socket = SocketOptions { each_namespace: options, ..SocketOptions::default() };
    let options =
        IOServerOptions { host: "127.0.0.1".into(), port: 0, socket, ..Default::default() };
    let mut server = IOServer::new(options);
    server.add_service(ServiceOptions::new("/", |_| Slow::default())).unwrap();
    server.add_service(ServiceOptions::new("watched", |_| Watched)).unwrap();
    server.start().await.unwrap()
}

async fn join(server: &RunningServer, namespace: &str) -> Wire {
    Wire::join(&server.address().to_string(), namespace).await.0
}

/// The error of an ack or of an `error` event.
fn error(packet: &str) -> Value {
    let list: Value = serde_json::from_str(&packet[packet.find('[').unwrap()..]).unwrap();
    list.as_array().unwrap().last().unwrap().clone()
}

#[tokio::test]
async fn unknown_events_are_silent_unless_a_namespace_is_strict() {
    let server = start(NamespaceOptions::default()).await;
    let mut wire = join(&server, "/").await;
    wire.send("421[\"unknown\"]").await;
    wire.send("42[\"unknown\"]").await;
    wire.send("422[\"quick\",2]").await;
    assert_eq!(wire.packet("4").await, "432[2]");

    let strict = start(NamespaceOptions { strict_events: true, ..Default::default() }).await;
    let mut wire = join(&strict, "/").await;
    wire.send("421[\"unknown\"]").await;
    let refused = error(&wire.packet("431[").await);
    assert_eq!((&refused["status"], &refused["statusCode"]), (&"error".into(), &404.into()));
    assert!(refused["message"].as_str().unwrap().contains("unknown"), "{refused}");
    wire.send("42[\"unknown\"]").await;
    assert_eq!(error(&wire.packet("42[\"error\"").await)["statusCode"], 404);
    wire.send("422[\"quick\",2]").await;
    wire.packet("432[2]").await;
}

#[tokio::test]
async fn a_method_that_takes_too_long_is_answered_for_and_dropped() {
    let event_timeout = Some(Duration::from_millis(50));
    let server = start(NamespaceOptions { event_timeout, ..Default::default() }).await;
    let mut wire = join(&server, "/").await;
    wire.send("421[\"hang\"]").await;
    assert_eq!(error(&wire.packet("431[").await)["statusCode"], 504);
    wire.send("42[\"hang\"]").await;
    assert_eq!(error(&wire.packet("42[\"error\"").await)["statusCode"], 504);
    wire.send("422[\"quick\",2]").await;
    wire.packet("432[2]").await;
}

#[tokio::test]
async fn an_ack_that_nobody_can_answer_any_more_is_answered_where_that_is_wanted() {
    let server = start(NamespaceOptions { answer_dropped_acks: true, ..Default::default() }).await;
    let mut wire = join(&server, "/").await;
    wire.send("421[\"keep\"]").await;
    wire.send("422[\"quick\",2]").await;
    wire.packet("432[2]").await; // the one that is kept can still be answered
    wire.send("42[\"forget\"]").await;
    assert_eq!(error(&wire.packet("431[").await)["statusCode"], 500);
    wire.send("423[\"nothing\"]").await;
    assert_eq!(error(&wire.packet("433[").await)["message"], "the event was not answered");
    wire.send("424[\"answered\"]").await;
    assert_eq!(wire.packet("43").await, r#"434["at once"]"#);
    wire.send("425[\"panic\"]").await;
    assert_eq!(error(&wire.packet("435[").await)["statusCode"], 500);
    wire.send("426[\"unknown\"]").await; // is no method's
    wire.send("427[\"quick\",7]").await;
    assert_eq!(wire.packet("43").await, "437[7]");
}

#[tokio::test]
async fn events_begin_in_order_and_one_at_a_time_where_that_is_wanted() {
    let server = start(NamespaceOptions::default()).await;
    let mut wire = join(&server, "/").await;
    wire.send("421[\"wait\",1]").await;
    wire.send("422[\"quick\",2]").await;
    wire.packet("432[2]").await;
    wire.send("42[\"go\"]").await;
    wire.packet("431[1]").await;

    let server = start(NamespaceOptions { one_at_a_time: true, ..Default::default() }).await;
    let (mut wire, mut other) = (join(&server, "/").await, join(&server, "/").await);
    wire.send("421[\"wait\",1]").await;
    for number in 2..10 {
        wire.send(&format!("42{number}[\"quick\",{number}]")).await;
    }
    other.send("421[\"quick\",1]").await; // another socket's turns are its own
    other.packet("431[1]").await;
    other.send("42[\"go\"]").await;
    for number in 1..10 {
        assert_eq!(wire.packet("43").await, format!("43{number}[{number}]"));
    }
}

struct Watched;

#[service]
impl Watched {
    #[any]
    pub async fn all(
        &self,
        socket: Socket,
        EventName(event): EventName,
        arguments: Arguments,
        ack: Ack,
    ) -> Result<()> {
        socket.emit("saw", (event, arguments.0.len()));
        ack.send(("any",));
        Ok(())
    }

    pub async fn known(&self) -> Result<&'static str> {
        Ok("known")
    }
}

/// `EventName` is taken by pattern, as the extractors of controllers are.
#[tokio::test]
async fn a_method_for_any_event_sees_all_and_answers_those_that_no_other_does() {
    let server = start(NamespaceOptions { strict_events: true, ..Default::default() }).await;
    let mut wire = join(&server, "/watched").await;
    wire.send("42/watched,1[\"known\",1,2]").await;
    assert_eq!(wire.packet("42").await, r#"42/watched,["saw","known",2]"#);
    assert_eq!(wire.packet("43").await, r#"43/watched,1["known"]"#);
    wire.send(r#"42/watched,2["\u00e9 9"]"#).await;
    assert_eq!(wire.packet("42").await, r#"42/watched,["saw","é 9",0]"#);
    assert_eq!(wire.packet("43").await, r#"43/watched,2["any"]"#);
}

#[tokio::test]
async fn settings_for_a_namespace_without_a_service_are_an_error_of_the_start() {
    let namespaces = [("chta".to_owned(), NamespaceOptions::default())].into();
    let socket = SocketOptions { namespaces, ..SocketOptions::default() };
    let server = IOServer::new(IOServerOptions { port: 0, socket, ..Default::default() });
    let error = server.start().await.unwrap_err().to_string();
    assert!(error.contains("`chta`"), "{error}");
}

struct Hall(AppHandle);

#[derive(Clone)]
struct Name(String);

#[service]
impl Hall {
    pub async fn enter(&self, socket: Socket, name: String, room: String) -> Result<usize> {
        socket.insert(Name(name));
        socket.join(room);
        Ok(socket.rooms().len())
    }

    pub async fn whisper(&self, socket: Socket, id: String) {
        socket.to(id).emit("whispered", ());
    }

    pub async fn rooms(&self, socket: Socket) -> Result<Vec<String>> {
        let own = |room: String| if room == socket.id() { "own".into() } else { room };
        Ok(socket.rooms().into_iter().map(own).collect())
    }

    pub async fn part(&self, socket: Socket) {
        socket.leave(socket.id());
    }

    pub async fn ask(&self, socket: Socket) -> Result<Vec<u32>> {
        let others = socket.broadcast().timeout(Duration::from_millis(300));
        others.emit_with_ack("question", ()).await
    }

    pub async fn ask_back(&self, socket: Socket) -> Result<String> {
        let time = Duration::from_millis(50);
        let answer = socket.emit_with_ack_within::<Value>(time, "question", ()).await;
        Ok(if answer.is_err() { "too late".into() } else { "answered".into() })
    }

    pub async fn list(&self) -> Result<Vec<String>> {
        let sockets = self.0.sockets("hall").map(|all| all.sockets()).unwrap_or_default();
        let names = sockets.iter().filter_map(|socket| socket.get::<Name>());
        let mut names: Vec<_> = names.map(|Name(name)| name).collect();
        names.sort();
        Ok(names)
    }
}

#[tokio::test]
async fn the_app_lists_and_disconnects_the_sockets_of_a_namespace_a_room_and_a_user() {
    let mut server = IOServer::new(IOServerOptions {
        host: "127.0.0.1".into(),
        port: 0,
        ..IOServerOptions::default()
    });
    server.add_service(ServiceOptions::new("hall", Hall)).unwrap();
    assert!(server.app().sockets("hall").is_none(), "before the start");
    let server = server.start().await.unwrap();
    let mut wires = Vec::new();
    for (name, room) in [("ann", "red"), ("bob", "red"), ("ann", "blue"), ("cyd", "blue")] {
        let mut wire = join(&server, "/hall").await;
        wire.send(&format!("42/hall,1[\"enter\",\"{name}\",\"{room}\"]")).await;
        assert_eq!(wire.packet("43").await, "43/hall,1[2]"); // its own room and this one
        wires.push(wire);
    }
    wires[0].send("42/hall,2[\"list\"]").await;
    assert_eq!(wires[0].packet("43").await, r#"43/hall,2[["ann","ann","bob","cyd"]]"#);
    let app = server.app();
    assert!(app.sockets("none").is_none());
    let all = || app.sockets("hall").unwrap();
    assert_eq!((all().count(), all().to("red").count(), all().except("red").count()), (4, 2, 2));

    wires[0].send("42/hall,3[\"ask\"]").await;
    for (wire, answer) in wires[1..].iter_mut().zip([10, 20]) {
        let question = wire.packet("42/hall,").await;
        let id: String = question[8..].chars().take_while(char::is_ascii_digit).collect();
        wire.send(&format!("43/hall,{id}[{answer}]")).await; // the last does not answer
        wire.send("42/hall,[\"list\"]").await;
    }
    let answers = soon("answers", wires[0].packet("43/hall,3")).await;
    assert!(["43/hall,3[[10,20]]", "43/hall,3[[20,10]]"].contains(&&*answers), "{answers}");
    wires[0].send("42/hall,4[\"ask_back\"]").await;
    wires[0].packet("42/hall,").await;
    assert_eq!(wires[0].packet("43").await, r#"43/hall,4["too late"]"#);

    let ann = |socket: &Socket| socket.get::<Name>().is_some_and(|name| name.0 == "ann");
    for socket in all().sockets().iter().filter(|socket| ann(socket)) {
        socket.disconnect(true);
    }
    for mut wire in [wires.remove(2), wires.remove(0)] {
        wire.closed().await;
    }
    all().to("red").disconnect(false);
    wires[0].packet("41/hall,").await;
    assert_eq!(all().count(), 1);
    all().disconnect(true);
    wires[1].closed().await;
}

#[tokio::test]
async fn a_socket_is_in_the_room_of_its_own_id_until_it_leaves_it() {
    let mut server = IOServer::new(IOServerOptions {
        host: "127.0.0.1".into(),
        port: 0,
        ..IOServerOptions::default()
    });
    server.add_service(ServiceOptions::new("hall", Hall)).unwrap();
    let server = server.start().await.unwrap();
    let address = server.address().to_string();
    let (mut ann, ann_id) = Wire::join(&address, "/hall").await;
    let (mut bob, bob_id) = Wire::join(&address, "/hall").await;
    let all = || server.app().sockets("hall").unwrap();

    bob.send("42/hall,1[\"rooms\"]").await;
    assert_eq!(bob.packet("43").await, r#"43/hall,1[["own"]]"#);
    ann.send(&format!("42/hall,[\"whisper\",\"{bob_id}\"]")).await;
    assert_eq!(bob.packet("42").await, r#"42/hall,["whispered"]"#);
    assert_eq!(all().except(ann_id.clone()).ids(), std::slice::from_ref(&bob_id));
    assert_eq!(all().to(ann_id.clone()).ids(), std::slice::from_ref(&ann_id));
    bob.send("42/hall,2[\"rooms\"]").await;
    assert_eq!(bob.packet("43").await, r#"43/hall,2[["own"]]"#, "once, though it was named");

    bob.send("42/hall,[\"part\"]").await;
    bob.send("42/hall,3[\"rooms\"]").await;
    assert_eq!(bob.packet("43").await, "43/hall,3[[]]");
    assert_eq!(all().to(bob_id.clone()).count(), 0);
    assert!(all().to(ann_id.to_lowercase() + "x").ids().is_empty());
    drop(ann);
    let gone = async {
        while all().count() > 1 {
            tokio::task::yield_now().await;
        }
    };
    soon("Ann's end", gone).await;
    assert_eq!(all().to(ann_id).count(), 0);
}
