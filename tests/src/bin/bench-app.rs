//! `bench-app --port N`: the app that is measured. Public API and default options only.
//!
//! `/secure` and `/chat` want `AUTH_SERVICE_URL` and its siblings; without them they are not there.

use std::{path::PathBuf, process::ExitCode};

use ioserver::{
    ControllerOptions, IOServer, IOServerError, IOServerOptions, Json, ManagerOptions, Result,
    ServiceOptions, Socket, controller, extract::Ext, service,
};
use ioserver_oidc::{OidcConfigManager, OidcHttpMiddleware, OidcSocketMiddleware, OidcUserContext};
use serde::Serialize;
use serde_json::Value;

/// Gives memory back to the system when clients leave; that of glibc keeps it.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

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
    match std::env::var_os("AUTH_SERVICE_URL") {
        Some(_) => add_guarded(&mut server)?,
        None => eprintln!("bench-app: no AUTH_SERVICE_URL, so neither /secure nor /chat"),
    }

    let running = server.start().await?;
    println!("listening on {}", running.address());
    running.until(ioserver::shutdown_signal()).await
}

/// What wants a token.
fn add_guarded(server: &mut IOServer) -> Result<()> {
    server.add_manager(ManagerOptions { name: "oidcConfig", manager: OidcConfigManager })?;
    server.add_controller(ControllerOptions {
        name: "secure",
        controller: |_| Secure,
        middlewares: vec![OidcHttpMiddleware],
        prefix: None,
    })?;
    server.add_service(ServiceOptions {
        name: "chat",
        service: |_| Talk,
        middlewares: vec![OidcSocketMiddleware],
    })?;
    Ok(())
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

#[derive(Serialize)]
struct Hello {
    hello: &'static str,
}

#[controller]
impl Api {
    pub async fn hello(&self) -> Json<Hello> {
        Json(Hello { hello: "world" })
    }
}

struct Secure;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Me {
    user_id: String,
}

#[controller]
impl Secure {
    pub async fn me(&self, Ext(user): Ext<OidcUserContext>) -> Json<Me> {
        Json(Me { user_id: user.user_id })
    }
}

/// What both namespaces do: they differ in who gets in.
struct Talk;

#[service]
impl Talk {
    pub async fn echo(&self, data: Value) -> Result<Value> {
        Ok(data)
    }

    pub async fn say(&self, socket: Socket, data: Value) {
        socket.emit("say", data);
    }

    pub async fn broadcast(&self, socket: Socket, data: Value) {
        socket.namespace().emit("broadcast", &data);
    }
}
