//! The original's chat application.
//!
//! `cargo run -p example-chat` starts it; its page is at <http://127.0.0.1:3000>. With `-- --sign-in`
//! (or `AUTH_SERVICE_URL`) people sign in first.

mod client_bundle;
mod clock;
mod controllers;
mod lobby;
mod managers;
mod services;
mod settings;
mod sign_in;
mod watchers;

use std::process::ExitCode;

use ioserver::{
    ControllerOptions, CorsOptions, IOServer, IOServerOptions, LogLevel, ManagerOptions, Result,
    ServiceOptions, SocketOptions, WatcherOptions,
};

use controllers::{ApiController, ChatController};
use managers::{RoomsManager, StatsManager};
use services::ChatService;
use settings::Settings;
use sign_in::SignIn;
use watchers::ChatWatcher;

/// The version that the application reports: the original's, since nothing has changed for callers.
const VERSION: &str = "2.0.0";

/// Gives memory back to the system when clients leave; that of glibc keeps it.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("example-chat: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let settings = Settings::from_env()?;
    let sign_in = match settings::wants_sign_in(std::env::args().skip(1))? {
        true => Some(SignIn::prepare(&settings).await?),
        false => None,
    };
    let client_dir = client_bundle::folder_of_bundles(&settings).await?;

    let mut server = IOServer::new(IOServerOptions {
        host: settings.host.clone(),
        port: settings.port,
        verbose: LogLevel::Information,
        cors: CorsOptions { origin: settings.origins(), ..CorsOptions::default() },
        routes: settings::folder("routes"),
        root_dir: Some(settings::folder("public")),
        spa_fallback: false,
        socket: SocketOptions {
            client_dir: Some(client_dir),
            check_origin: true, // browsers let any page open a WebSocket
            ..SocketOptions::default()
        },
        ..IOServerOptions::default()
    });

    server.add_manager(ManagerOptions { name: "statsManager", manager: StatsManager::new })?;
    server.add_manager(ManagerOptions { name: "rooms", manager: RoomsManager::new })?;
    server.add_watcher(WatcherOptions { name: "chatWatcher", watcher: ChatWatcher::new })?;
    match &sign_in {
        Some(sign_in) => sign_in.add_to(&mut server)?,
        None => add_open_chat(&mut server)?,
    }
    server.add_controller(ControllerOptions {
        name: "chat",
        controller: |_| ChatController::new(sign_in.as_ref().map(SignIn::client)),
        middlewares: vec![],
        prefix: Some(""),
    })?;
    server.add_controller(ControllerOptions {
        name: "api",
        controller: ApiController::new,
        middlewares: vec![],
        prefix: None,
    })?;

    let running = server.start().await?;
    println!("The chat is at http://{} (Ctrl-C stops it)", running.address());
    running.until(ioserver::shutdown_signal()).await?;
    match sign_in {
        Some(sign_in) => sign_in.stop().await,
        None => Ok(()),
    }
}

/// The original's: whoever has a name that nobody else has may come in.
fn add_open_chat(server: &mut IOServer) -> Result<()> {
    server.add_service(ServiceOptions {
        name: "chat",
        service: ChatService::new,
        middlewares: vec![],
    })?;
    Ok(())
}
