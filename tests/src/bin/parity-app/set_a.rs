//! Set A: everything but OIDC and static files.

use std::sync::{Arc, OnceLock, atomic::AtomicBool};

use ioserver::{
    ControllerOptions, IOServer, ManagerOptions, Result, ServiceOptions, WatcherOptions,
};
use serde_json::Value;

use crate::{
    controllers::{
        BasicController, ErrorsController, HooksController, ParamsController, ProbeController,
        SchemaController, WhereController,
    },
    managers::{FlakyManager, TraceManager},
    middlewares::{MwA, MwB, MwBody, MwStop, SockA, SockB},
    profiles::Profile,
    registry,
    services::{
        BadDisconnectService, ChatService, GuardedService, RootService, TicksService, WhereService,
    },
    watchers::{BadWatcher, TickWatcher},
};

pub(crate) fn server(profile: &Profile) -> Result<IOServer> {
    let mut server = IOServer::new(profile.options.clone());
    let tick_started = Arc::<AtomicBool>::default();
    let registry = Arc::<OnceLock<Value>>::default();

    server.add_manager(ManagerOptions::new("trace", |_| TraceManager::default()))?;
    // The original starts although a manager does not.
    server.add_manager(ManagerOptions::new("flaky", |_| FlakyManager).optional())?;

    let started = Arc::clone(&tick_started);
    server.add_watcher(WatcherOptions::new("tick", |app| TickWatcher { app, started }))?;
    server.add_watcher(WatcherOptions::new("badwatch", |_| BadWatcher))?;

    add_controllers(&mut server)?;
    let (host, port) = (server.host().to_owned(), server.port());
    let shown = Arc::clone(&registry);
    server.add_controller(ControllerOptions::new("probe", |app| ProbeController {
        app,
        host,
        port,
        tick_started,
        registry: shown,
    }))?;
    add_services(&mut server)?;

    if profile.name == "main" {
        // Nobody else sets it.
        let _ = registry.set(registry::probe(&mut server, profile));
    }
    Ok(server)
}

/// In this order: it decides which controller gets `/`.
fn add_controllers(server: &mut IOServer) -> Result<()> {
    server.add_controller(ControllerOptions::new("basic", |_| BasicController))?;
    server.add_controller(ControllerOptions {
        prefix: Some("p"),
        ..ControllerOptions::new("params", |_| ParamsController)
    })?;
    for (name, prefix) in [
        ("dflt", None),
        ("root", None),
        ("empty", Some("")),
        ("slashp", Some("/")),
        ("dbl", Some("/dbl//")),
        ("trailp", Some("trail/ed/")),
        ("orgs", Some("/orgs/:org")),
        ("badroutes", None),
    ] {
        let controller = |_| WhereController { name };
        server.add_controller(ControllerOptions {
            prefix,
            ..ControllerOptions::new(name, controller)
        })?;
    }
    server.add_controller(ControllerOptions::new("errors", |_| ErrorsController))?;
    server.add_controller(ControllerOptions::new("schema", |_| SchemaController))?;
    server.add_controller(ControllerOptions {
        middlewares: vec![MwA, MwB],
        ..ControllerOptions::new("hooks", |app| HooksController { app })
    })?;
    server.add_controller(ControllerOptions::new("hooksval", |app| HooksController { app }))?;
    server.add_controller(ControllerOptions {
        middlewares: vec![MwA, MwStop, MwBody, MwB],
        ..ControllerOptions::new("mw", |app| HooksController { app })
    })?;
    Ok(())
}

fn add_services(server: &mut IOServer) -> Result<()> {
    server.add_service(ServiceOptions::new("", |_| RootService))?;
    server.add_service(ServiceOptions::new("chat", |app| ChatService { app }))?;
    server.add_service(ServiceOptions {
        middlewares: vec![SockA, SockB],
        ..ServiceOptions::new("guarded", |_| GuardedService)
    })?;
    for name in ["deep/ns", "/slashed", "CamelCase"] {
        server.add_service(ServiceOptions::new(name, |_| WhereService))?;
    }
    server.add_service(ServiceOptions::new("ticks", |_| TicksService))?;
    server.add_service(ServiceOptions::new("baddisc", |_| BadDisconnectService))?;
    Ok(())
}
