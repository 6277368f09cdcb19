//! Set S: routes and a service beside static files.

use ioserver::{ControllerOptions, IOServer, ManagerOptions, Result, ServiceOptions};

use crate::{
    controllers::{ApiController, ShadowController},
    managers::TraceManager,
    profiles::Profile,
    services::ChatService,
};

pub(crate) fn server(profile: &Profile) -> Result<IOServer> {
    let mut server = IOServer::new(profile.options.clone());
    server.add_manager(ManagerOptions::new("trace", |_| TraceManager::default()))?;
    server.add_controller(ControllerOptions::new("api", |_| ApiController))?;
    server.add_controller(ControllerOptions {
        prefix: Some(""),
        ..ControllerOptions::new("shadow", |_| ShadowController)
    })?;
    server.add_service(ServiceOptions::new("chat", |app| ChatService { app }))?;
    Ok(server)
}
