//! `start-app PORT ROUTES [PART…]`: an app of the named parts, all options at their defaults, for
//! tests that break one thing and read what an operator would.

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use ioserver::{
    AppHandle, BaseManager, BaseWatcher, Capabilities, ControllerOptions, IOServer, IOServerError,
    IOServerOptions, Json, LogLevel, ManagerOptions, Request, Result, ServiceOptions, Socket,
    WatcherOptions, controller, extract::Ext, service,
};
use ioserver_oidc::{
    LocalUser, OidcConfigManager, OidcHttpMiddleware, OidcSocketMiddleware, OidcUserContext,
    UserDirectory,
};

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().and_then(|port| port.parse().ok()).unwrap_or_default();
    let routes = arguments.next().map(PathBuf::from).unwrap_or_default();
    let mut server = IOServer::new(IOServerOptions {
        host: "127.0.0.1".into(),
        port,
        routes,
        verbose: LogLevel::Information,
        ..IOServerOptions::default()
    });
    for part in arguments {
        add(&mut server, &part)?;
    }
    let running = server.start().await?;
    println!("listening on {}", running.address());
    running.until(ioserver::shutdown_signal()).await
}

fn add(server: &mut IOServer, part: &str) -> Result<()> {
    match part {
        "oidcConfig" => drop(
            server
                .add_manager(ManagerOptions { name: "oidcConfig", manager: OidcConfigManager })?,
        ),
        "users" => drop(server.add_manager(ManagerOptions { name: "users", manager: |_| Users })?),
        "users-without-directory" => {
            server.add_manager(ManagerOptions { name: "users", manager: |_| Plain })?;
        }
        "failing-manager" => {
            server.add_manager(ManagerOptions { name: "store", manager: |_| Failing })?;
        }
        "stuck-watcher" => {
            server.add_watcher(WatcherOptions { name: "stuck", watcher: Stuck })?;
        }
        "api" => drop(server.add_controller(ControllerOptions {
            name: "api",
            controller: |_| Api,
            middlewares: vec![OidcHttpMiddleware],
            prefix: None,
        })?),
        "open" => {
            server.add_controller(ControllerOptions::new("open", |_| Open))?;
        }
        "chat" => drop(server.add_service(ServiceOptions {
            name: "chat",
            service: |_| Chat,
            middlewares: vec![OidcSocketMiddleware],
        })?),
        other => return Err(IOServerError::new(format!("there is no part `{other}`"), 500)),
    }
    Ok(())
}

struct Api;

#[controller]
impl Api {
    pub async fn me(&self, Ext(user): Ext<OidcUserContext>) -> Json<OidcUserContext> {
        Json(user)
    }
}

struct Open;

#[controller]
impl Open {
    pub async fn hello(&self) -> &'static str {
        "hello"
    }

    #[hook]
    pub async fn look(&self, _: &mut Request) {}
}

struct Chat;

#[service]
impl Chat {
    pub async fn whoami(&self, socket: Socket) -> Result<Option<OidcUserContext>> {
        Ok(socket.get())
    }
}

struct Users;

impl BaseManager for Users {
    fn provide(self: Arc<Self>, capabilities: &mut Capabilities) {
        capabilities.add::<dyn UserDirectory>(self);
    }
}

#[async_trait]
impl UserDirectory for Users {
    async fn find_or_create(&self, user: &OidcUserContext) -> Result<Option<LocalUser>> {
        Ok(Some(LocalUser::new(format!("local-{}", user.sub), "user")))
    }
}

/// A manager that is called `users` and forgot to provide the directory.
struct Plain;

impl BaseManager for Plain {}

struct Failing;

impl BaseManager for Failing {
    async fn start(&self) -> Result<()> {
        Err(IOServerError::new("the disk is on fire", 500))
    }
}

/// A watcher that does not stop when it is told to.
struct Stuck(AppHandle);

impl BaseWatcher for Stuck {
    async fn watch(&self) -> Result<()> {
        std::future::pending().await
    }

    async fn stop(&self) -> Result<()> {
        self.0.log(LogLevel::Information, "the watcher is stuck");
        std::future::pending().await
    }
}
