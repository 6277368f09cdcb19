//! Registrations that fail, and what they fail with.

use ioserver::{
    AppHandle, BaseController, BaseManager, BaseService, BaseWatcher, ComponentKind,
    ControllerOptions, IOServer, IOServerError, IOServerOptions, ManagerOptions, Result, SendTo,
    ServiceOptions, WatcherOptions,
};
use serde_json::{Map, Value, json};

use crate::{
    controllers::{BasicController, WhereController},
    managers::TraceManager,
    middlewares::MwA,
    profiles::Profile,
    services::{RootService, TicksService},
    watchers::BadWatcher,
};

/// Tries each of them. A port is a `u16` and a kind an enum, so these have no wrong values here.
pub(crate) fn probe(server: &mut IOServer, profile: &Profile) -> Value {
    let mut report = Report { folder: profile.folder.display().to_string(), found: Map::new() };

    let trace = |_| TraceManager::default();
    report.add("manager reserved send", manager(server, "send", trace));
    report.add("manager reserved log", manager(server, "log", trace));
    report.add("manager reserved verbose", manager(server, "verbose", trace));
    report.add("manager empty name", manager(server, "", trace));
    report.add("manager one letter", manager(server, "x", trace));
    report.add("manager two letters", manager(server, "xy", trace));
    report.add("manager duplicate", manager(server, "trace", trace));
    let throwing = |_| Err::<TraceManager, _>(IOServerError::internal("constructor failed"));
    let thrown = server.add_manager(ManagerOptions::new("throwing", throwing)).map(drop);
    report.add("manager constructor throws", thrown);

    report.add("service reserved", service(server, "send", |_| TicksService));
    report.add("service one letter", service(server, "q", |_| TicksService));
    report.add("service duplicate", service(server, "chat", |_| TicksService));
    report.add("service duplicate root", service(server, "", |_| RootService));

    report.add("watcher duplicate", watcher(server, "tick", |_| BadWatcher));
    report.add("watcher one letter", watcher(server, "w", |_| BadWatcher));

    report.add("controller duplicate", controller(server, "basic", |_| BasicController));
    report.add("controller reserved", controller(server, "log", |_| BasicController));
    report.add("controller one letter", controller(server, "c", |_| BasicController));
    let missing = "controller without route file";
    report.add(missing, controller(server, "no-such-file", |_| BasicController));
    let again = "controller without route file again";
    report.add(again, controller(server, "no-such-file", |_| BasicController));
    let clash = ControllerOptions {
        middlewares: vec![MwA],
        ..ControllerOptions::new("clash", |_| WhereController { name: "clash" })
    };
    report.add("controller prevalidation clash", server.add_controller(clash).map(drop));

    let zero = IOServer::new(IOServerOptions { port: 0, ..IOServerOptions::default() });
    report.add("port zero", Ok(zero.port()));
    let default = IOServer::new(IOServerOptions::default());
    report.add("default host", Ok(default.host()));
    report.add("default port", Ok(default.port()));

    let is_registered = |kind, name| Ok(server.is_registered(kind, name));
    report.add("isRegistered service", is_registered(ComponentKind::Service, "chat"));
    report.add("isRegistered root service", is_registered(ComponentKind::Service, "/"));
    report.add("isRegistered manager", is_registered(ComponentKind::Manager, "nope"));
    report.add("isRegistered empty", is_registered(ComponentKind::Manager, ""));
    report.add("send before start", Ok(server.app().send(SendTo::new("x", 1))));
    Value::Object(report.found)
}

struct Report {
    folder: String,
    found: Map<String, Value>,
}

impl Report {
    fn add(&mut self, key: &str, result: Result<impl serde::Serialize>) {
        let outcome = match result {
            Ok(value) => match json!(value) {
                Value::Null => json!({ "ok": true }),
                value => json!({ "ok": value }),
            },
            Err(error) => json!({
                "name": error.name(),
                "statusCode": error.status(),
                "message": error.message().replace(&self.folder, "<PARITY_DIR>"),
            }),
        };
        self.found.insert(key.into(), outcome);
    }
}

fn manager<M: BaseManager>(
    server: &mut IOServer,
    name: &str,
    manager: impl FnOnce(AppHandle) -> M,
) -> Result<()> {
    server.add_manager(ManagerOptions { name, manager }).map(drop)
}

fn watcher<W: BaseWatcher>(
    server: &mut IOServer,
    name: &str,
    watcher: impl FnOnce(AppHandle) -> W,
) -> Result<()> {
    server.add_watcher(WatcherOptions { name, watcher }).map(drop)
}

fn service<S: BaseService>(
    server: &mut IOServer,
    name: &str,
    service: impl FnOnce(AppHandle) -> S,
) -> Result<()> {
    server.add_service(ServiceOptions::new(name, service)).map(drop)
}

fn controller<C: BaseController>(
    server: &mut IOServer,
    name: &str,
    controller: impl FnOnce(AppHandle) -> C,
) -> Result<()> {
    server.add_controller(ControllerOptions::new(name, controller)).map(drop)
}
