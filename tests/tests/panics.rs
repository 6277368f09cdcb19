//! A panic anywhere in an app's own code is a 500 or an error ack, with a constant text, and the
//! server serves on.
#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::fs;

use ioserver::{
    AppHandle, BaseMiddleware, ConnectError, ControllerOptions, DisconnectReason, Handshake,
    IOServer, IOServerError, IOServerOptions, Middleware, Reply, Request, RunningServer,
    ServiceOptions, Socket, controller, service,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

const SECRET: &str = "the password is hunter2";

struct Pages;

#[controller]
impl Pages {
    pub async fn fine(&self) -> &'static str {
        "fine"
    }

    pub async fn broken(&self) -> &'static str {
        panic!("{SECRET}")
    }

    pub async fn late(&self) -> &'static str {
        tokio::task::yield_now().await;
        panic!("{SECRET}")
    }

    pub async fn refused(&self) -> Result<(), IOServerError> {
        Err(IOServerError::new("refused", 400_u16))
    }

    #[hook]
    pub async fn bad_hook(&self, _: &mut Request) {
        panic!("{SECRET}")
    }

    #[hook(reply)]
    pub async fn bad_reply_hook(&self, _: &mut Request, _: &mut Reply) {
        panic!("{SECRET}")
    }

    #[hook(error)]
    pub async fn bad_error_handler(&self, _: &mut Request, _: IOServerError) -> &'static str {
        panic!("{SECRET}")
    }
}

#[derive(Default, Middleware)]
#[middleware(Request)]
struct BadMiddleware {}

impl BaseMiddleware<Request> for BadMiddleware {
    async fn handle(&self, _: &mut Request, _: &AppHandle) -> Result<(), Reply> {
        panic!("{SECRET}")
    }
}

#[derive(Default, Middleware)]
#[middleware(Handshake)]
struct BadDoor {}

impl BaseMiddleware<Handshake> for BadDoor {
    async fn handle(&self, _: &mut Handshake, _: &AppHandle) -> Result<(), ConnectError> {
        panic!("{SECRET}")
    }
}

#[derive(Default, Middleware)]
#[middleware(Handshake)]
struct BadAccept {}

impl BaseMiddleware<Handshake> for BadAccept {
    async fn handle(&self, handshake: &mut Handshake, _: &AppHandle) -> Result<(), ConnectError> {
        handshake.on_accept(|_| async { panic!("{SECRET}") });
        Ok(())
    }
}

struct Chat;

#[service]
impl Chat {
    pub async fn broken(&self) -> Result<(), IOServerError> {
        panic!("{SECRET}")
    }

    pub async fn fine(&self, socket: Socket) -> Result<Value, IOServerError> {
        socket.on_disconnect(|_| async { panic!("{SECRET}") });
        Ok(json!("fine"))
    }

    pub async fn disconnecting(&self, _: Socket, _: DisconnectReason) {
        panic!("{SECRET}")
    }

    pub async fn disconnect(&self, _: Socket, _: DisconnectReason) {
        panic!("{SECRET}")
    }
}

async fn start() -> (RunningServer, String) {
    let routes = tempfile::tempdir().unwrap();
    let pages = json!([
        { "method": "GET", "url": "/fine", "handler": "fine" },
        { "method": "GET", "url": "/broken", "handler": "broken" },
        { "method": "GET", "url": "/late", "handler": "late" },
        { "method": "GET", "url": "/on-request", "handler": "fine", "onRequest": "badHook" },
        { "method": "GET", "url": "/pre-handler", "handler": "fine", "preHandler": "badHook" },
        { "method": "GET", "url": "/on-send", "handler": "fine", "onSend": "badReplyHook" },
        { "method": "GET", "url": "/on-error", "handler": "refused", "errorHandler": "badErrorHandler" },
        { "method": "GET", "url": "/on-response", "handler": "fine", "onResponse": "badReplyHook" },
    ]);
    fs::write(routes.path().join("pages.json"), pages.to_string()).unwrap();
    let guarded = json!([{ "method": "GET", "url": "/fine", "handler": "fine" }]);
    fs::write(routes.path().join("guarded.json"), guarded.to_string()).unwrap();

    let options = IOServerOptions { routes: routes.path().into(), ..Default::default() };
    let mut server = IOServer::new(options);
    server.add_controller(ControllerOptions::new("pages", |_| Pages)).unwrap();
    let middlewares = vec![BadMiddleware];
    server
        .add_controller(ControllerOptions {
            middlewares,
            ..ControllerOptions::new("guarded", |_| Pages)
        })
        .unwrap();
    server.add_service(ServiceOptions::new("chat", |_| Chat)).unwrap();
    for (name, middleware) in [("door", BadDoor), ("accept", BadAccept)] {
        let middlewares = vec![middleware];
        let options = ServiceOptions { middlewares, ..ServiceOptions::new(name, |_| Chat) };
        server.add_service(options).unwrap();
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let running = server.serve(listener).await.unwrap();
    let url = format!("http://{}", running.address());
    (running, url)
}

#[tokio::test]
async fn a_panic_over_http_is_a_500_that_says_nothing() {
    let (running, url) = start().await;
    let constant = json!({
        "statusCode": 500,
        "error": "Internal Server Error",
        "message": "Internal Server Error",
    });
    for path in [
        "/pages/broken",
        "/pages/late",
        "/pages/on-request",
        "/pages/pre-handler",
        "/pages/on-send",
        "/pages/on-error",
        "/guarded/fine",
    ] {
        let answer = reqwest::get(format!("{url}{path}")).await.unwrap();
        assert_eq!(answer.status(), 500, "{path}");
        assert_eq!(answer.json::<Value>().await.unwrap(), constant, "{path}");
    }
    for path in ["/pages/on-response", "/pages/fine"] {
        let answer = reqwest::get(format!("{url}{path}")).await.unwrap();
        assert_eq!(answer.text().await.unwrap(), "fine", "{path}");
    }
    running.stop().await.unwrap();
}

#[tokio::test]
async fn a_panic_on_a_socket_is_an_error_ack_or_a_refusal_that_says_nothing() {
    let (running, url) = start().await;
    let connect = async |namespace: &str, event: &str| {
        let url = format!("{url}{namespace}");
        ioserver_tests::connect(&url, &json!({}), event, &Value::Null).await
    };
    let constant = json!({
        "status": "error",
        "type": "Error",
        "message": "Internal Server Error",
        "statusCode": 500,
    });
    assert_eq!(connect("/chat", "broken").await.ack, constant);
    for namespace in ["/door", "/accept"] {
        let refused = connect(namespace, "fine").await.refused;
        assert_eq!(refused.as_deref(), Some("Internal Server Error"), "{namespace}");
    }
    // The first of these leaves, and three panics greet it; the second finds a server.
    for _ in 0..2 {
        assert_eq!(connect("/chat", "fine").await.ack, json!("fine"));
    }
    running.stop().await.unwrap();
}
