//! A server that is tested without a port.
#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

use ioserver::{
    Ack, AppHandle, Arguments, BaseMiddleware, ConnectError, ControllerOptions, Handshake,
    IOServer, IOServerError, IOServerOptions, Json, Middleware, Mode, SendTo, ServiceOptions,
    Socket, controller, service,
    testing::{Inject, TestServer},
};
use serde_json::{Value, json};

struct Greeter;

#[controller]
impl Greeter {
    pub async fn show(&self, request: &mut ioserver::Request) -> ioserver::Result<Json<Value>> {
        let body = request.body().await?.cloned();
        let (query, cookie) = (request.query(), request.cookie("sid"));
        let ip = request.ip().map(|ip| ip.to_string());
        Ok(Json(json!({ "query": query, "cookie": cookie, "body": body, "ip": ip })))
    }
}

struct Chat;

#[service]
impl Chat {
    pub async fn shout(&self, text: String) -> ioserver::Result<String> {
        Ok(text.to_uppercase())
    }

    pub async fn tell(&self, socket: Socket, text: String) {
        socket.emit("told", text);
        socket.emit("told", "twice");
    }

    pub async fn shapes(&self, socket: Socket, app: AppHandle) {
        assert!(socket.emit("none", ()));
        assert!(socket.emit("array", [1, 2]));
        assert!(socket.emit("several", (1, [2])));
        socket.namespace().emit("all", ());
        socket.namespace().emit("all", [3, 4]);
        assert!(app.send(SendTo::new("sent", ()).namespace(socket.ns())));
        assert!(app.send(SendTo::new("sent", [5, 6]).namespace(socket.ns())));
        let unwritable = std::collections::BTreeMap::from([((1, 2), 3)]);
        assert!(!socket.emit("never", unwritable));
    }

    pub async fn array(&self, ack: Ack) {
        ack.send([1, 2]);
    }

    pub async fn arguments(&self, arguments: Arguments) -> ioserver::Result<usize> {
        Ok(arguments.0.len())
    }

    pub async fn survey(&self, socket: Socket) -> ioserver::Result<Value> {
        let ready: bool = socket.emit_with_ack("ready?", ()).await?;
        let sum: i64 = socket.emit_with_ack("add", (1, 2)).await?;
        let point: [i64; 2] = socket.emit_with_ack("point", [0, 1]).await?;
        let both: (String, i64) = socket.emit_with_ack("both", "x").await?;
        let all: Vec<bool> = socket.namespace().emit_with_ack("ready?", ()).await?;
        Ok(json!([ready, sum, point, both, all]))
    }

    pub async fn fail(&self) -> ioserver::Result<()> {
        Err(IOServerError::new("no", 409_u16))
    }

    pub async fn leave(&self, socket: Socket) {
        socket.disconnect(false);
    }
}

#[derive(Debug, Default, Middleware)]
#[middleware(Handshake)]
struct Password {}

impl BaseMiddleware<Handshake> for Password {
    async fn handle(&self, handshake: &mut Handshake, _: &AppHandle) -> Result<(), ConnectError> {
        match handshake.auth()["password"].as_str() {
            Some("open") => Ok(()),
            _ => Err(ConnectError::new("ERR_PASSWORD")),
        }
    }
}

const ROUTES: &str = r#"[{ "method": ["GET", "POST"], "url": "/show", "handler": "show" }]"#;

async fn start(mode: Mode) -> TestServer {
    let routes = tempfile::tempdir().unwrap();
    std::fs::write(routes.path().join("greeter.json"), ROUTES).unwrap();
    let options = IOServerOptions { routes: routes.path().into(), mode, ..Default::default() };
    let mut server = IOServer::new(options);
    server.add_controller(ControllerOptions::new("greeter", |_| Greeter)).unwrap();
    let chat = ServiceOptions::new("chat", |_| Chat);
    server.add_service(chat).unwrap();
    let guarded =
        ServiceOptions { middlewares: vec![Password], ..ServiceOptions::new("guarded", |_| Chat) };
    server.add_service(guarded).unwrap();
    server.add_service(ServiceOptions::new("/", |_| Chat)).unwrap();
    TestServer::start(server).await.unwrap()
}

#[tokio::test]
async fn requests_are_answered_without_a_port() {
    let server = start(Mode::Both).await;
    let request =
        Inject::post("/greeter/show").query("a", "x y").query("b", "&").cookie("sid", "7");
    let answer = server.inject(request.json(json!({ "c": 1 }))).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    let expected = json!({ "query": { "a": "x y", "b": "&" }, "cookie": "7", "body": { "c": 1 }, "ip": "127.0.0.1" });
    assert_eq!(answer.json(), expected);
    let refused = server.inject(Inject::post("/greeter/show").form(&[("a", "b")])).await;
    assert_eq!(refused.status(), 415);
    let large = Inject::post("/greeter/show").body("text/plain", vec![b'a'; (1 << 20) + 1]);
    assert_eq!(server.inject(large).await.status(), 413);
    assert_eq!(server.inject(Inject::head("/greeter/show")).await.status(), 200);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn sockets_connect_without_a_port_whatever_the_mode() {
    for mode in [Mode::Both, Mode::Polling, Mode::Websocket] {
        let server = start(mode).await;
        for namespace in ["/chat", "/"] {
            let mut socket = server.connect(namespace).await.unwrap();
            assert!(!socket.id().is_empty());
            assert_eq!(socket.ask("shout", &"hi").await.unwrap(), "HI");
            socket.emit("tell", &"me").await.unwrap();
            assert_eq!(socket.next().await.unwrap(), ("told".into(), vec![json!("me")]));
            let error = socket.ask("fail", &Value::Null).await.unwrap();
            assert_eq!(error["statusCode"], 409);
            assert_eq!(socket.next().await.unwrap().1, [json!("twice")], "kept while asking");
            socket.disconnect().await.unwrap();
        }
        server.stop().await.unwrap();
    }
}

#[tokio::test]
async fn a_tuple_is_several_arguments_the_unit_none_and_anything_else_one() {
    let server = start(Mode::Both).await;
    let mut socket = server.connect("/chat").await.unwrap();
    socket.emit("shapes", ()).await.unwrap();
    let expected = [
        ("none", vec![]),
        ("array", vec![json!([1, 2])]),
        ("several", vec![json!(1), json!([2])]),
        ("all", vec![]),
        ("all", vec![json!([3, 4])]),
        ("sent", vec![]),
        ("sent", vec![json!([5, 6])]),
    ];
    for (event, arguments) in expected {
        assert_eq!(socket.next().await.unwrap(), (event.into(), arguments));
    }
    assert_eq!(socket.ask("array", ()).await.unwrap(), json!([1, 2]), "one value");
    for (count, asked) in [
        (0, socket.ask("arguments", ()).await),
        (1, socket.ask("arguments", [1, 2]).await),
        (2, socket.ask("arguments", (1, "x")).await),
        (1, socket.ask("arguments", Value::Null).await),
    ] {
        assert_eq!(asked.unwrap(), count);
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_socket_answers_what_the_server_asks_it() {
    let server = start(Mode::Both).await;
    let mut socket = server.connect("/chat").await.unwrap();
    socket.answer("ready?", |payloads| payloads.is_empty());
    socket.answer("add", |numbers| numbers.iter().filter_map(Value::as_i64).sum::<i64>());
    socket.answer("point", |payloads| payloads[0].clone());
    socket.answer("both", |payloads| (payloads[0].clone(), 7));
    let survey = socket.ask("survey", ()).await.unwrap();
    assert_eq!(survey, json!([true, 3, [0, 1], ["x", 7], [true]]));
    server.stop().await.unwrap();
}

#[derive(Debug, Default, Middleware)]
#[middleware(Handshake)]
struct Headers {}

impl BaseMiddleware<Handshake> for Headers {
    async fn handle(&self, handshake: &mut Handshake, _: &AppHandle) -> Result<(), ConnectError> {
        let seen = (handshake.header("x-of"), handshake.cookie("sid"), handshake.cookie("no"));
        let info = handshake.info();
        assert_eq!(seen, (info.header("X-Of"), info.cookie("sid"), None));
        Err(ConnectError::new(format!("{seen:?}")))
    }
}

#[tokio::test]
async fn a_middleware_reads_the_headers_and_cookies_of_a_handshake() {
    let mut server = IOServer::new(IOServerOptions::default());
    let middlewares = vec![Headers];
    let chat = ServiceOptions { middlewares, ..ServiceOptions::new("chat", |_| Chat) };
    server.add_service(chat).unwrap();
    let server = TestServer::start(server).await.unwrap();
    let url = "/socket.io/?EIO=4&transport=polling";
    let open = Inject::get(url).header("x-of", "a").header("x-of", "b").cookie("sid", "a%20b");
    let opened = server.inject(open).await;
    let open: Value = serde_json::from_str(&opened.text()[1..]).unwrap();
    let url = format!("{url}&sid={}", open["sid"].as_str().unwrap());
    server.inject(Inject::post(&url).body("text/plain", "40/chat,")).await;
    let mut refused = String::new();
    while !refused.contains("44/chat,") {
        refused = server.inject(Inject::get(&url)).await.text().to_owned();
    }
    let seen = r#"(Some(\"a, b\"), Some(\"a b\"), None)"#;
    assert!(refused.contains(seen), "{refused}");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_refusal_and_the_end_of_a_socket_are_heard() {
    let server = start(Mode::Both).await;
    let refused = server.connect("/guarded").await.unwrap_err();
    assert_eq!(refused.to_string(), "ERR_PASSWORD");
    let auth = json!({ "password": "open" });
    let mut socket = server.connect_with("/guarded", &auth).await.unwrap();
    socket.emit("leave", &Value::Null).await.unwrap();
    socket.closed().await.unwrap();
    assert!(server.connect("/nowhere").await.is_err());
    server.stop().await.unwrap();
}
