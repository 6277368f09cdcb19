//! The app, put together. `main.rs` starts it on a port, tests start it without one.

mod controllers;
pub mod managers;
mod services;
mod settings;

use ioserver::{ControllerOptions, IOServer, ManagerOptions, Result, ServiceOptions};
use ioserver_oidc::{
    OidcConfig, OidcConfigManager, OidcHttpMiddleware, OidcSocketAdminMiddleware,
    OidcSocketMiddleware,
};

use controllers::{NotesController, PublicController};
use managers::{NotesManager, SessionManager, UsersManager};
use services::{AdminService, NotesService};
pub use settings::Settings;

/// All components, under their names. Managers come first: the others ask for them when they are
/// made.
pub fn server(settings: Settings, oidc: OidcConfig) -> Result<IOServer> {
    let mut server = IOServer::new(settings.into_options());
    server
        .add_manager(ManagerOptions {
            name: "oidcConfig",
            manager: OidcConfigManager::with(oidc),
        })?
        .add_manager(ManagerOptions {
            name: "users",
            manager: UsersManager::new,
        })?
        .add_manager(ManagerOptions {
            name: "session",
            manager: SessionManager::new,
        })?
        .add_manager(ManagerOptions {
            name: "notes",
            manager: NotesManager::new,
        })?;
    server
        .add_controller(ControllerOptions {
            name: "public",
            controller: |_| PublicController,
            middlewares: vec![],
            prefix: Some(""),
        })?
        .add_controller(ControllerOptions {
            name: "notes",
            controller: NotesController::new,
            middlewares: vec![OidcHttpMiddleware],
            prefix: Some("/notes"),
        })?;
    server
        .add_service(ServiceOptions {
            name: "notes",
            service: NotesService::new,
            middlewares: vec![OidcSocketMiddleware],
        })?
        .add_service(ServiceOptions {
            name: "admin",
            service: AdminService::new,
            middlewares: vec![OidcSocketMiddleware, OidcSocketAdminMiddleware],
        })?;
    Ok(server)
}
