//! The app, put together. `main.rs` starts it on a port, tests start it without one.

mod controllers;
pub mod managers;
mod services;
mod settings;

use ioserver::{ControllerOptions, IOServer, ManagerOptions, Result, ServiceOptions};

use controllers::{NotesController, PublicController};
use managers::NotesManager;
use services::NotesService;
pub use settings::Settings;

/// All components, under their names. Managers come first: the others ask for them when they are
/// made.
pub fn server(settings: Settings) -> Result<IOServer> {
    let mut server = IOServer::new(settings.into_options());
    server.add_manager(ManagerOptions {
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
            middlewares: vec![],
            prefix: Some("/notes"),
        })?;
    server.add_service(ServiceOptions {
        name: "notes",
        service: NotesService::new,
        middlewares: vec![],
    })?;
    Ok(server)
}
