//! HTTP: the route of a path, and hooks and middlewares over loopback.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use ioserver::{
    __private::route_matcher, AppHandle, BaseMiddleware, ControllerOptions, IOServer,
    IOServerOptions, Json, Middleware, Reply, Request, Result, RunningServer, controller,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime::Runtime,
    sync::Mutex,
};

fn route_match(criterion: &mut Criterion) {
    for count in [10, 10_000] {
        let fixed = (0..count).map(|number| format!("/api/{number}/list"));
        let parametric = (0..count).map(|number| format!("/users/{number}/:id/posts/:post"));
        let patterns: Vec<_> = fixed.chain(parametric).collect();
        let find = route_matcher(&patterns).expect("the patterns are sound");
        for (what, path) in
            [("fixed", "/api/7/list"), ("params", "/users/7/42/posts/x"), ("none", "/nothing/here")]
        {
            assert_eq!(find(path), what != "none");
            criterion.bench_function(&format!("route/{what}/{count} routes"), |bencher| {
                bencher.iter(|| find(black_box(path)));
            });
        }
    }
}

/// A request and its answer on one connection, so mostly what the system takes: the differences
/// between the rows are the hooks and the middlewares.
fn pipeline(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime starts");
    for (hooks, middlewares) in [(0, 0), (20, 0), (0, 20)] {
        let server = runtime.block_on(start(hooks, middlewares)).expect("the server starts");
        let stream = runtime.block_on(TcpStream::connect(server.address()));
        let stream = Mutex::new(stream.expect("the server listens"));
        let name = format!("pipeline/{hooks} hooks, {middlewares} middlewares");
        criterion.bench_function(&name, |bencher| {
            bencher.to_async(&runtime).iter(|| async {
                let (mut stream, mut answer) = (stream.lock().await, [0; 2048]);
                let sent = stream.write_all(b"GET /api/hello HTTP/1.1\r\nhost: localhost\r\n\r\n");
                sent.await.expect("the server reads");
                let length = stream.read(&mut answer).await.expect("the server answers");
                assert!(answer[..length].starts_with(b"HTTP/1.1 200 "));
            });
        });
        runtime.block_on(server.stop()).expect("the server stops");
    }
}

async fn start(hooks: usize, middlewares: usize) -> Result<RunningServer> {
    let routes = tempfile::tempdir().map_err(ioserver::IOServerError::internal)?;
    let hooks = vec!["look"; hooks];
    let hello = json!([{
        "method": "GET", "url": "/hello", "handler": "hello", "preHandler": hooks,
    }]);
    std::fs::write(routes.path().join("api.json"), hello.to_string())
        .map_err(ioserver::IOServerError::internal)?;
    let mut server = IOServer::new(IOServerOptions {
        host: "127.0.0.1".into(),
        port: 0,
        routes: routes.path().into(),
        ..IOServerOptions::default()
    });
    server.add_controller(ControllerOptions {
        middlewares: vec![Nothing; middlewares],
        ..ControllerOptions::new("api", |_| Api)
    })?;
    server.start().await
}

struct Api;

#[controller]
impl Api {
    pub async fn hello(&self) -> Json<Value> {
        Json(json!({ "hello": "world" }))
    }

    #[hook]
    pub async fn look(&self, _: &mut Request) {}
}

#[derive(Debug, Default, Middleware)]
#[middleware(Request)]
struct Nothing {}

impl BaseMiddleware<Request> for Nothing {
    async fn handle(&self, _: &mut Request, _: &AppHandle) -> Result<(), Reply> {
        Ok(())
    }
}

criterion_group!(benches, route_match, pipeline);
criterion_main!(benches);
