//! An IOServer app whose controllers and services let in whoever has a token.
//!
//! `cargo run -p example-oidc` starts it together with a development auth-service; with
//! `AUTH_SERVICE_URL` set, the real one is used.

mod controllers;
mod hints;
mod managers;
mod services;
mod settings;

use std::process::ExitCode;

use ioserver::{
    ControllerOptions, CorsOptions, IOServer, IOServerOptions, LogLevel, ManagerOptions, Result,
    RunningServer, ServiceOptions, SocketOptions,
};
use ioserver_oidc::{
    OidcConfig, OidcConfigManager, OidcHttpMiddleware, OidcSocketAdminMiddleware,
    OidcSocketMiddleware,
};

use example_auth_service as auth_service;

use controllers::{ApiController, PublicController};
use managers::{SessionManager, UsersManager};
use services::{AdminService, ChatService};
use settings::Settings;

const APP_SLUG: &str = "example-oidc";

/// Gives memory back to the system when clients leave; that of glibc keeps it.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("example-oidc: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let settings = Settings::from_env()?;
    let (auth_service, config) = auth_service(&settings).await?;

    let mut server = IOServer::new(IOServerOptions {
        host: settings.host.clone(),
        port: settings.port,
        verbose: LogLevel::Information,
        routes: settings::folder("routes"),
        cors: CorsOptions { origin: settings.origins(), ..CorsOptions::default() },
        // Browsers let any page open a WebSocket.
        socket: SocketOptions { check_origin: true, ..SocketOptions::default() },
        ..IOServerOptions::default()
    });

    let database = settings.database();
    server.add_manager(ManagerOptions {
        name: "oidcConfig",
        manager: OidcConfigManager::with(config),
    })?;
    server.add_manager(ManagerOptions {
        name: "users",
        manager: |_| UsersManager::open(&database),
    })?;
    server.add_manager(ManagerOptions { name: "session", manager: SessionManager::new })?;

    server.add_controller(ControllerOptions {
        name: "public",
        controller: |_| PublicController,
        middlewares: vec![],
        prefix: Some(""),
    })?;
    server.add_controller(ControllerOptions {
        name: "api",
        controller: ApiController::new,
        middlewares: vec![OidcHttpMiddleware],
        prefix: None,
    })?;

    server.add_service(ServiceOptions {
        name: "chat",
        service: ChatService,
        middlewares: vec![OidcSocketMiddleware],
    })?;
    server.add_service(ServiceOptions {
        name: "admin",
        service: AdminService,
        middlewares: vec![OidcSocketMiddleware, OidcSocketAdminMiddleware],
    })?;

    let running = server.start().await?;
    hints::print(running.address(), auth_service.as_ref().map(RunningServer::address), &database);
    running.until(ioserver::shutdown_signal()).await?;
    match auth_service {
        Some(auth_service) => auth_service.stop().await,
        None => Ok(()),
    }
}

/// The auth-service to use: the one of the environment, else one for development in this process.
async fn auth_service(settings: &Settings) -> Result<(Option<RunningServer>, OidcConfig)> {
    if settings::has_auth_service() {
        return Ok((None, OidcConfig::from_env()?));
    }
    let options = auth_service::Options {
        host: settings.host.clone(),
        port: settings.auth_port,
        ..auth_service::Options::new(APP_SLUG)
    };
    let running = auth_service::start(&options).await?;
    let config = auth_service::config(running.address(), APP_SLUG);
    Ok((Some(running), config))
}
