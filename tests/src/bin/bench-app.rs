//! `bench-app --port N`: the app that is measured. Public API and default options only.

use std::{path::PathBuf, process::ExitCode};

use ioserver::{
    ControllerOptions, IOServer, IOServerError, IOServerOptions, Json, Result, ServiceOptions,
    Socket, controller, service,
};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-app: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let mut server = IOServer::new(IOServerOptions {
        host: "127.0.0.1".into(),
        port: port()?,
        routes: PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("bench-routes"),
        ..IOServerOptions::default()
    });
    server.add_controller(ControllerOptions::new("api", |_| Api))?;
    server.add_service(ServiceOptions::new("/", |_| Talk))?;

    let running = server.start().await?;
    println!("listening on {}", running.address());
    running.until(ioserver::shutdown_signal()).await
}

fn port() -> Result<u16> {
    let mut arguments = std::env::args().skip(1);
    let port = match (arguments.next().as_deref(), arguments.next(), arguments.next()) {
        (Some("--port"), Some(port), None) => port.parse().ok(),
        _ => None,
    };
    port.ok_or_else(|| IOServerError::new("start it as `bench-app --port N`", 500_u16))
}

struct Api;

#[controller]
impl Api {
    pub async fn hello(&self) -> Json<Value> {
        Json(json!({ "hello": "world" }))
    }
}

/// What both namespaces do: they differ in who gets in.
struct Talk;

#[service]
impl Talk {
    pub async fn echo(&self, data: Value) -> Result<Value> {
        Ok(data)
    }

    pub async fn say(&self, socket: Socket, data: Value) -> Result<()> {
        socket.emit("say", &data)
    }

    pub async fn broadcast(&self, socket: Socket, data: Value) {
        socket.namespace().emit("broadcast", &data);
    }
}
