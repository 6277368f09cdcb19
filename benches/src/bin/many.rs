//! An app with much of what should cost nothing, by the environment: `ROUTES`, `NAMESPACES`,
//! middlewares `ELSEWHERE`; and what may cost a little: own `MIDDLEWARES` and `HOOKS`.

use std::{fs, path::Path};

use ioserver::{
    AppHandle, BaseMiddleware, ControllerOptions, IOServer, IOServerOptions, Json, Middleware,
    Reply, Request, Result, ServiceOptions, controller, service,
};
use ioserver_bench::port;
use serde_json::{Value, json};

/// The same as that of the app that is measured.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> Result<()> {
    let routes = tempfile::tempdir().map_err(ioserver::IOServerError::internal)?;
    write_routes(routes.path()).map_err(ioserver::IOServerError::internal)?;
    let mut server = IOServer::new(IOServerOptions {
        host: "127.0.0.1".into(),
        port: port(),
        routes: routes.path().into(),
        ..IOServerOptions::default()
    });
    server.add_controller(ControllerOptions {
        middlewares: vec![Nothing; count("MIDDLEWARES")],
        ..ControllerOptions::new("api", |_| Api)
    })?;
    server.add_controller(ControllerOptions {
        middlewares: vec![Nothing; count("ELSEWHERE")],
        ..ControllerOptions::new("other", |_| Api)
    })?;
    for number in 0..count("NAMESPACES") {
        server.add_service(ServiceOptions::new(&format!("space-{number}"), |_| Silent))?;
    }
    let running = server.start().await?;
    println!("listening on {}", running.address());
    running.until(ioserver::shutdown_signal()).await
}

/// The number in a variable of the environment, else 0.
fn count(name: &str) -> usize {
    std::env::var(name).ok().and_then(|number| number.parse().ok()).unwrap_or_default()
}

fn write_routes(folder: &Path) -> std::io::Result<()> {
    let hooks = vec!["look"; count("HOOKS")];
    let hello = json!([{
        "method": "GET", "url": "/hello", "handler": "hello", "preValidation": hooks,
    }]);
    let schema = json!({
        "querystring": { "type": "object", "properties": { "page": { "type": "integer" } } },
        "response": { "200": {
            "type": "object", "properties": { "hello": { "type": "string" } },
        } },
    });
    let with_schema = count("SCHEMAS") > 0;
    let other = |number| {
        let mut route = json!({
            "method": "GET", "url": format!("/{number}/:id/part"), "handler": "hello",
        });
        if with_schema {
            route["schema"] = schema.clone();
        }
        route
    };
    let others: Vec<Value> = (0..count("ROUTES")).map(other).collect();
    fs::write(folder.join("api.json"), hello.to_string())?;
    fs::write(folder.join("other.json"), Value::from(others).to_string())
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

struct Silent;

#[service]
impl Silent {}

#[derive(Debug, Default, Middleware)]
#[middleware(Request)]
struct Nothing {}

impl BaseMiddleware<Request> for Nothing {
    async fn handle(&self, _: &mut Request, _: &AppHandle) -> Result<(), Reply> {
        Ok(())
    }
}
