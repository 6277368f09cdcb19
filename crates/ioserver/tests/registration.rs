//! What can be registered, and what a registration that fails leaves behind.
#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

use ioserver::extract::{Form, Multipart};
use ioserver::{
    AppHandle, BaseController, BaseManager, BaseService, ComponentKind, ControllerOptions, Events,
    Handlers, IOServer, IOServerError, IOServerOptions, ManagerOptions, Result, ServiceOptions,
    controller,
};

struct Manager;

impl BaseManager for Manager {}

struct Service;

impl BaseService for Service {
    fn events(on: &mut Events<Self>) {
        on.event("hello", Self::hello);
    }
}

impl Service {
    async fn hello(&self) {}
}

fn server() -> IOServer {
    IOServer::new(IOServerOptions::default())
}

fn refusal<T>(result: Result<T>) -> (u16, String) {
    let error = result.err().unwrap();
    (error.status(), error.to_string())
}

#[test]
fn a_constructor_that_fails_is_reported_in_the_originals_words_and_the_name_is_free_again() {
    let mut server = server();
    let failing = |_: AppHandle| Err::<Manager, _>(IOServerError::internal("no database"));
    let failed = refusal(server.add_manager(ManagerOptions::new("users", failing)).map(drop));
    let words = "Error while instantiating users manager: IOServerError: Error instantiating \
                 manager: Error: no database";
    assert_eq!(failed, (500, words.to_owned()));
    assert!(!server.is_registered(ComponentKind::Manager, "users"));
    assert!(!server.app().has_manager("users"));

    server.add_manager(ManagerOptions::new("users", |_| Manager)).unwrap();
    assert!(server.is_registered(ComponentKind::Manager, "users"));
}

#[test]
fn a_constructors_status_is_kept() {
    let failing =
        |_: AppHandle| Err::<Service, _>(IOServerError::new("licence has expired", 402_u16));
    let failed = refusal(server().add_service(ServiceOptions::new("paid", failing)).map(drop));
    assert_eq!(failed.0, 402);
    assert!(failed.1.ends_with("service: IOServerError: licence has expired"), "{}", failed.1);
}

#[test]
fn a_namespace_belongs_to_one_service_with_and_without_its_slash() {
    for (first, second) in [("chat", "/chat"), ("/chat", "chat"), ("", "/"), ("/", "")] {
        let mut server = server();
        server.add_service(ServiceOptions::new(first, |_| Service)).unwrap();
        assert!(
            server.is_registered(
                ComponentKind::Service,
                if second.is_empty() { "/" } else { second }
            )
        );
        let again = refusal(server.add_service(ServiceOptions::new(second, |_| Service)).map(drop));
        assert_eq!(again.0, 409, "{first} and {second}: {}", again.1);
    }
}

struct Underscored;

impl BaseService for Underscored {
    fn events(on: &mut Events<Self>) {
        on.event_fn("_internal", |_, _| Box::pin(async { Ok(()) }));
    }
}

#[test]
fn an_event_whose_name_begins_with_an_underscore_is_refused_and_the_name_is_free_again() {
    let mut server = server();
    let failed =
        refusal(server.add_service(ServiceOptions::new("chat", |_| Underscored)).map(drop));
    let words = "service `chat`: event `_internal` begins with `_` and is never exposed";
    assert_eq!(failed, (500, words.to_owned()));
    server.add_service(ServiceOptions::new("chat", |_| Service)).unwrap();
}

struct Pages;

impl BaseController for Pages {
    fn handlers(on: &mut Handlers<Self>) {
        on.handler("index", Self::index);
    }
}

impl Pages {
    async fn index(&self) -> &'static str {
        "index"
    }
}

#[test]
fn a_route_file_that_is_missing_is_named_from_the_root_with_the_setting_to_change() {
    let failed =
        refusal(server().add_controller(ControllerOptions::new("pages", |_| Pages)).map(drop));
    let file = std::env::current_dir().unwrap().join("routes").join("pages.json");
    let words = format!("Routes file does not exist: {}; make it, or set", file.display());
    assert_eq!(failed.0, 404);
    assert!(failed.1.starts_with(&words), "{}", failed.1);
    assert!(failed.1.contains("`IOServerOptions::routes`"), "{}", failed.1);
}

#[test]
fn a_list_of_members_where_a_schema_stands_is_refused_with_what_to_write() {
    for (schema, is_hinted) in [
        (r#"{ "page": { "type": "integer" }, "size": { "type": "integer" } }"#, true),
        (r#"{ "type": "object", "page": { "type": "integer" } }"#, false),
    ] {
        let routes = tempfile::tempdir().unwrap();
        let file = format!(
            r#"[{{ "method": "GET", "url": "/", "handler": "index", "schema": {{ "querystring": {schema} }} }}]"#
        );
        std::fs::write(routes.path().join("pages.json"), file).unwrap();
        let options = IOServerOptions { routes: routes.path().into(), ..Default::default() };
        let mut server = IOServer::new(options);
        let failed =
            refusal(server.add_controller(ControllerOptions::new("pages", |_| Pages)).map(drop));
        assert!(failed.1.contains("unknown keyword `page`"), "{}", failed.1);
        let hint = r#"write `{ "type": "object", "properties": { … } }` around it"#;
        assert_eq!(failed.1.contains(hint), is_hinted, "{}", failed.1);
    }
}

struct Uploads;

#[controller]
impl Uploads {
    pub async fn upload(&self, _: AppHandle, _parts: Multipart) {}

    pub async fn fill_in(&self, _: Form<serde_json::Value>) {}

    pub async fn get_user_by_id(&self) {}

    pub async fn get_user_byid(&self) {}
}

/// Adds a controller with one route that has these options.
fn add<C: BaseController>(controller: C, route: &str) -> Option<String> {
    let routes = tempfile::tempdir().unwrap();
    let file = format!(r#"[{{ "method": "POST", "url": "/", {route} }}]"#);
    std::fs::write(routes.path().join("test.json"), file).unwrap();
    let options = IOServerOptions { routes: routes.path().into(), ..Default::default() };
    let added = IOServer::new(options)
        .add_controller(ControllerOptions::new("test", |_| controller))
        .map(drop);
    added.err().map(|error| error.to_string())
}

/// The same with a handler that is registered without a macro.
struct ByHand;

impl ByHand {
    async fn fill_in(&self, _: AppHandle, _: Form<serde_json::Value>) {}
}

impl BaseController for ByHand {
    fn handlers(on: &mut Handlers<Self>) {
        on.handler("fill_in", Self::fill_in);
    }
}

#[test]
fn a_route_that_does_not_accept_what_its_handler_reads_is_refused_with_the_line_to_add() {
    let (form, multipart) = ("application/x-www-form-urlencoded", "multipart/form-data");
    for (handler, media_type) in [("fillIn", form), ("upload", multipart)] {
        let named = format!(r#""handler": "{handler}""#);
        for accepts in ["", r#", "accepts": ["image/*"]"#] {
            let refused = add(Uploads, &format!("{named}{accepts}")).unwrap();
            let line = format!(r#"add `"accepts": ["{media_type}"]` to it"#);
            assert!(refused.contains(&line), "{refused}");
        }
        let accepted = add(Uploads, &format!(r#"{named}, "accepts": ["{media_type}"]"#));
        assert_eq!(accepted, None);
    }
    assert_eq!(add(Uploads, r#""handler": "upload", "accepts": ["multipart/*"]"#), None);
    assert!(add(Uploads, r#""handler": "fillIn", "accepts": ["*/*"]"#).is_some(), "not parsed");
    assert!(add(ByHand, r#""handler": "fill_in""#).is_some());
}

#[test]
fn a_method_that_is_not_there_is_refused_with_the_nearest_and_one_that_may_be_two_with_both() {
    let refused = add(Uploads, r#""handler": "uplaod""#).unwrap();
    assert!(refused.ends_with("; did you mean `upload`?"), "{refused}");
    let refused = add(Uploads, r#""handler": "getUserByID""#).unwrap();
    assert!(refused.contains("may be `get_user_by_id` or `get_user_byid`"), "{refused}");
    assert_eq!(add(Uploads, r#""handler": "getUserById""#), None);
}

#[test]
fn a_route_without_a_method_is_an_error_and_not_absent() {
    let routes = tempfile::tempdir().unwrap();
    let file = routes.path().join("pages.json");
    std::fs::write(&file, r#"[{ "method": [], "url": "/", "handler": "index" }]"#).unwrap();
    let options = IOServerOptions { routes: routes.path().into(), ..Default::default() };
    let mut server = IOServer::new(options);
    let failed =
        refusal(server.add_controller(ControllerOptions::new("pages", |_| Pages)).map(drop));
    let words = format!("{}: route 1 (/): `method` names none", file.display());
    assert!(failed.1.starts_with(&words), "{}", failed.1);
}
