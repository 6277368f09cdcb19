//! Set O: tokens over HTTP and on sockets.

use std::time::Duration;

use ioserver::{
    ControllerOptions, Handshake, IOServer, ManagerOptions, Middleware, Request, Result,
    ServiceOptions,
};
use ioserver_oidc::{
    CooldownFrom, JwksOptions, OidcConfig, OidcConfigManager, OidcHttpMiddleware,
    OidcSocketAdminMiddleware, OidcSocketMiddleware, OutageAnswer, RetryPause,
    UsersWithoutDirectory,
};

use crate::{
    managers::TraceManager,
    middlewares::{MwA, MwB, MwStop},
    oidc::{
        OpenController, SecureController, SessionManager, SetRole, UsersManager,
        UsersWithoutLookUp, WhoamiService,
    },
    profiles::Profile,
};

pub(crate) fn server(profile: &Profile) -> Result<IOServer> {
    let mut server = IOServer::new(profile.options.clone());
    add_managers(&mut server, &profile.name)?;
    add_controllers(&mut server)?;
    add_services(&mut server)?;
    Ok(server)
}

/// The options that are not the default but give back what was recorded.
fn compatible(config: &mut OidcConfig) {
    // In `oidc-aud` the users manager has no look-up, and the original does not mind.
    config.users_without_directory = UsersWithoutDirectory::Ignore;
    // While there are no keys, the original answers as if the token were bad.
    config.outage_answer = OutageAnswer::AsBadToken;
    config.jwks = JwksOptions {
        // Keys that are too old do not serve.
        max_stale: Duration::ZERO,
        // The 30 s of an unknown key id count from any fetch.
        cooldown_from: CooldownFrom::AnyFetch,
        // Each request tries again after a failure.
        retry_pause: RetryPause::None,
        ..config.jwks.clone()
    };
}

fn add_managers(server: &mut IOServer, profile: &str) -> Result<()> {
    server.add_manager(ManagerOptions::new("trace", |_| TraceManager::default()))?;
    if !matches!(profile, "oidc-slash" | "oidc-slash2") {
        // The original starts without its configuration, and lets nobody in.
        let manager = OidcConfigManager::tuned(compatible);
        server.add_manager(ManagerOptions::new("oidcConfig", manager).optional())?;
    }
    if profile == "oidc-aud" {
        server.add_manager(ManagerOptions::new("users", |_| UsersWithoutLookUp))?;
    } else {
        server.add_manager(ManagerOptions::new("users", |_| UsersManager::default()))?;
        server.add_manager(ManagerOptions::new("session", |_| SessionManager::default()))?;
    }
    Ok(())
}

fn add_controllers(server: &mut IOServer) -> Result<()> {
    server.add_controller(ControllerOptions::new("open", |app| OpenController { app }))?;
    let chains: [(_, Vec<Middleware<Request>>); 3] = [
        ("secure", vec![OidcHttpMiddleware]),
        ("securemix", vec![MwA, OidcHttpMiddleware, MwB]),
        ("mixsecure", vec![MwStop, OidcHttpMiddleware]),
    ];
    for (name, middlewares) in chains {
        server.add_controller(ControllerOptions {
            middlewares,
            ..ControllerOptions::new(name, |_| SecureController)
        })?;
    }
    Ok(())
}

fn add_services(server: &mut IOServer) -> Result<()> {
    let chains: [(_, Vec<Middleware<Handshake>>); 6] = [
        ("", vec![OidcSocketMiddleware]),
        ("me", vec![OidcSocketMiddleware]),
        ("admin", vec![OidcSocketMiddleware, OidcSocketAdminMiddleware]),
        ("adminonly", vec![OidcSocketAdminMiddleware]),
        ("setrole", vec![SetRole, OidcSocketAdminMiddleware]),
        ("public", vec![]),
    ];
    for (name, middlewares) in chains {
        server.add_service(ServiceOptions {
            middlewares,
            ..ServiceOptions::new(name, |_| WhoamiService)
        })?;
    }
    Ok(())
}
