//! Answers of @fastify/cors 10.1.0, recorded for many options and requests, and ours.
#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::TokioIo;
use ioserver::{
    BaseController, ControllerOptions, CorsOptions, Handlers, IOServer, IOServerError,
    IOServerOptions, IntoReply, Reply, RunningServer,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::net::{TcpListener, TcpStream};

struct Pages;

impl BaseController for Pages {
    fn handlers(on: &mut Handlers<Self>) {
        on.handler_fn("ok", |_, _| Box::pin(async { "ok".into_reply() }))
            .handler_fn("route", |_, _| Box::pin(async { "route".into_reply() }))
            .handler_fn("off", |_, _| Box::pin(async { "off".into_reply() }))
            .handler_fn("err", |_, _| Box::pin(async { IOServerError::new("no", 418_u16).into() }))
            .handler_fn("own", |_, _| Box::pin(async { own() }));
    }
}

/// What a handler says itself is not replaced.
fn own() -> Reply {
    Reply::text("own")
        .with_header("access-control-allow-origin", "http://own.example")
        .with_header("access-control-expose-headers", "x")
}

const ROUTES: &str = r#"[
    { "method": ["GET", "POST"], "url": "/a", "handler": "ok" },
    { "method": "OPTIONS", "url": "/opt", "handler": "route" },
    { "method": "GET", "url": "/off", "handler": "off", "config": { "cors": false } },
    { "method": "GET", "url": "/err", "handler": "err" },
    { "method": "GET", "url": "/own", "handler": "own" }
]"#;

#[derive(Deserialize)]
struct Recorded {
    options: Value,
    rows: Vec<Row>,
}

/// What was asked, and the status, the headers and the body of the answer.
#[derive(Deserialize)]
struct Row(Vec<Option<String>>, u16, Map<String, Value>, String);

async fn start(cors: CorsOptions) -> RunningServer {
    let routes = tempfile::tempdir().unwrap();
    std::fs::write(routes.path().join("pages.json"), ROUTES).unwrap();
    let options = IOServerOptions { cors, routes: routes.path().into(), ..Default::default() };
    let mut server = IOServer::new(options);
    let pages =
        ControllerOptions { prefix: Some(""), ..ControllerOptions::new("pages", |_| Pages) };
    server.add_controller(pages).unwrap();
    server.serve(TcpListener::bind("127.0.0.1:0").await.unwrap()).await.unwrap()
}

async fn ask(
    server: &RunningServer,
    asked: &[Option<String>],
) -> (u16, Map<String, Value>, String) {
    let stream = TcpStream::connect(server.address()).await.unwrap();
    let (mut requests, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut request = Request::new(Empty::<Bytes>::new());
    *request.method_mut() = asked[0].as_ref().unwrap().parse().unwrap();
    *request.uri_mut() = asked[1].as_ref().unwrap().parse().unwrap();
    request.headers_mut().insert("host", "x".parse().unwrap());
    let names = ["origin", "access-control-request-method", "access-control-request-headers"];
    for (name, value) in names.into_iter().zip(&asked[2..]) {
        if let Some(value) = value {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
    }
    let answer = requests.send_request(request).await.unwrap();
    let status = answer.status().as_u16();
    let compared = |name: &str| {
        name.starts_with("access-control")
            || ["vary", "cache-control", "content-type"].contains(&name)
    };
    let headers = answer.headers().iter().filter(|(name, _)| compared(name.as_str()));
    let headers = headers.map(|(name, value)| (name.to_string(), json!(value.to_str().unwrap())));
    let headers = headers.collect();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, headers, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn every_recorded_answer_of_fastify_cors_is_ours() {
    let recorded: Vec<Recorded> = serde_json::from_str(include_str!("fixtures/cors.json")).unwrap();
    let (mut rows, mut wrong) = (0, Vec::new());
    for Recorded { options, rows: expected } in recorded {
        let cors = serde_json::from_value(options.clone()).unwrap();
        let server = start(cors).await;
        for Row(asked, status, headers, body) in expected {
            let (expected, answer) = ((status, headers, body), ask(&server, &asked).await);
            rows += 1;
            if expected != answer {
                wrong.push(format!(
                    "{options} {asked:?}\n  recorded {expected:?}\n  ours     {answer:?}"
                ));
            }
        }
        server.stop().await.unwrap();
    }
    assert!(wrong.is_empty(), "{} of {rows}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(rows > 1_000);
}
