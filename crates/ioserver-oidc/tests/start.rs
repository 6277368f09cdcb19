//! What keeps a server from starting, and what it does when it starts all the same.

mod app;
mod support;

use std::{env, ffi::OsStr, os::unix::ffi::OsStrExt, process::Command};

use app::{App, Parts, body};
use ioserver::{
    BaseManager, ControllerOptions, IOServer, IOServerOptions, ManagerOptions, Middleware, Reply,
    Result, ServiceOptions, Socket, controller, service,
};
use ioserver_oidc::{
    OidcConfig, OidcConfigManager, OidcHttpMiddleware, OidcSocketMiddleware, UsersWithoutDirectory,
};
use serde_json::json;
use support::{Issuer, Pair, alone};

#[tokio::test]
async fn a_missing_variable_ends_the_start_and_is_named() {
    if alone("a_missing_variable_ends_the_start_and_is_named", &[]).is_some() {
        return;
    }
    let error = App::start(Parts::default()).await.err().unwrap().to_string();
    assert!(error.starts_with("environment variable AUTH_SERVICE_URL is required"), "{error}");

    let mut server = IOServer::new(IOServerOptions { port: 0, ..Default::default() });
    let manager = ManagerOptions { name: "oidcConfig", manager: OidcConfigManager };
    server.add_manager(manager).unwrap();
    let error = server.start().await.err().unwrap().to_string();
    assert!(error.contains("manager `oidcConfig` did not start: environment variable"), "{error}");
}

#[tokio::test]
async fn without_the_manager_the_middlewares_read_the_environment() {
    let variables = [
        ("AUTH_SERVICE_URL", "http://127.0.0.1:9/"),
        ("AUTH_SERVICE_APP_SLUG", "my-app"),
        ("AUTH_SERVICE_OUTAGE_ANSWER", "as_bad_token"),
    ];
    if alone("without_the_manager_the_middlewares_read_the_environment", &variables).is_some() {
        return;
    }
    let app = App::start(Parts::default()).await.unwrap();
    let token = Pair::ed25519("key").token(&json!({}));
    assert_eq!(app.me(&token).await.1["code"], "ERR_AUTH_TOKEN_INVALID");
    app.stop().await;
}

#[tokio::test]
async fn a_variable_that_is_no_unicode_panics_nobody() {
    if alone("a_variable_that_is_no_unicode_panics_nobody", &[]).is_some() {
        return;
    }
    let value = OsStr::from_bytes(b"\xff");
    let status = Command::new(env::current_exe().unwrap())
        .args(["a_missing_variable_ends_the_start_and_is_named", "--exact"])
        .env("OTHER", value)
        .env("AUTH_SERVICE_PROFILE", value)
        .status()
        .unwrap();
    assert!(status.success());
}

struct Nothing;

impl BaseManager for Nothing {}

async fn with_users_without_directory(change: impl FnOnce(&mut OidcConfig)) -> Result<()> {
    let mut config = OidcConfig::new("http://127.0.0.1:9", "my-app");
    change(&mut config);
    let mut server = IOServer::new(IOServerOptions { port: 0, ..Default::default() });
    let manager = OidcConfigManager::with(config);
    server.add_manager(ManagerOptions { name: "oidcConfig", manager })?;
    server.add_manager(ManagerOptions { name: "users", manager: |_| Nothing })?;
    server.add_service(ServiceOptions {
        name: "chat",
        service: |_| Silent,
        middlewares: vec![OidcSocketMiddleware],
    })?;
    server.start().await?.stop().await
}

struct Silent;

#[service]
impl Silent {
    pub async fn hello(&self, _: Socket) -> Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_users_manager_without_a_directory_ends_the_start() {
    let error = with_users_without_directory(|_| {}).await.unwrap_err().to_string();
    assert!(error.starts_with("manager `users` provides no UserDirectory"), "{error}");
    assert!(error.contains("implement its `provide`"), "{error}");
}

#[tokio::test]
async fn a_users_manager_without_a_directory_can_be_ignored() {
    let ignore = |config: &mut OidcConfig| {
        config.users_without_directory = UsersWithoutDirectory::Ignore;
    };
    with_users_without_directory(ignore).await.unwrap();
}

#[tokio::test]
async fn an_unusable_configuration_ends_the_start() {
    let config = OidcConfig::new("http://auth.example.com", "my-app");
    let error = App::start(Parts { config: Some(config), ..Parts::default() }).await.err().unwrap();
    let error = error.to_string();
    assert!(error.contains("manager `oidcConfig` did not start") && error.contains("plain http"));
}

#[tokio::test]
async fn an_oidc_config_of_ones_own_that_provides_nothing_ends_the_start() {
    let mut server = IOServer::new(IOServerOptions { port: 0, ..Default::default() });
    server.add_manager(ManagerOptions { name: "oidcConfig", manager: |_| Nothing }).unwrap();
    let chat = ServiceOptions {
        name: "chat",
        service: |_| Silent,
        middlewares: vec![OidcSocketMiddleware],
    };
    server.add_service(chat).unwrap();
    let error = server.start().await.err().unwrap().to_string();
    assert!(error.starts_with("manager `oidcConfig` provides no configuration"), "{error}");
}

struct Page;

#[controller]
impl Page {
    pub async fn show(&self) -> Reply {
        Reply::text("secret")
    }
}

#[tokio::test]
async fn a_configuration_under_another_name_ends_the_start() {
    let mut server = IOServer::new(IOServerOptions { port: 0, ..Default::default() });
    let config = OidcConfig::new("http://127.0.0.1:9", "my-app");
    let manager = ManagerOptions::new("oidc", OidcConfigManager::with(config));
    server.add_manager(manager.optional()).unwrap();
    server
        .add_service(ServiceOptions {
            name: "chat",
            service: |_| Silent,
            middlewares: vec![OidcSocketMiddleware],
        })
        .unwrap();
    let error = server.start().await.unwrap_err().to_string();
    assert!(error.contains("add OidcConfigManager as `oidcConfig`"), "{error}");
}

#[tokio::test]
async fn a_manager_that_may_fail_and_did_leaves_every_door_shut() {
    let routes = tempfile::tempdir().unwrap();
    let file = json!([{ "method": "GET", "url": "/page", "handler": "show" }]).to_string();
    std::fs::write(routes.path().join("api.json"), file).unwrap();
    let mut server = IOServer::new(IOServerOptions {
        port: 0,
        routes: routes.path().into(),
        ..Default::default()
    });
    let broken = OidcConfigManager::with(OidcConfig::new("", ""));
    let manager = ManagerOptions { name: "oidcConfig", manager: broken };
    server.add_manager(manager.optional()).unwrap();
    let api = ControllerOptions {
        name: "api",
        controller: |_| Page,
        middlewares: vec![OidcHttpMiddleware],
        prefix: None,
    };
    server.add_controller(api).unwrap();
    let running = server.start().await.unwrap();
    let key = Pair::ed25519("key");
    let issuer = Issuer::start(&[key.jwk()]).await;
    for token in [None, Some(key.token(&issuer.claims()))] {
        let mut request =
            reqwest::Client::new().get(format!("http://{}/api/page", running.address()));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 500);
        let expected = json!({
            "statusCode": 500, "error": "Internal Server Error",
            "message": "getConfig() called before start()"
        });
        assert_eq!(body(response).await, expected);
    }
    running.stop().await.unwrap();
}

#[tokio::test]
async fn a_middleware_that_two_servers_share_follows_one_configuration() {
    let shared = Middleware::new(OidcSocketMiddleware::default());
    let start = async |url: &str| {
        let mut server = IOServer::new(IOServerOptions { port: 0, ..Default::default() });
        let manager = OidcConfigManager::with(OidcConfig::new(url, "my-app"));
        server.add_manager(ManagerOptions { name: "oidcConfig", manager }).unwrap();
        for name in ["one", "two"] {
            let middlewares = vec![shared.clone()];
            server.add_service(ServiceOptions { name, service: |_| Silent, middlewares }).unwrap();
        }
        server.start().await
    };
    let first = start("http://127.0.0.1:9").await.unwrap();
    let error = start("http://127.0.0.1:10").await.err().unwrap().to_string();
    assert!(error.contains("shared by servers with different configurations"), "{error}");
    first.stop().await.unwrap();
}

#[tokio::test]
async fn keys_can_be_fetched_at_the_start() {
    let key = Pair::ed25519("key");
    let issuer = Issuer::start(&[key.jwk()]).await;
    let mut config = issuer.config();
    config.jwks.fetch_at_start = true;
    let app = App::start(Parts { config: Some(config), ..Parts::default() }).await.unwrap();
    assert_eq!(issuer.hits(), 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_can_be_fetched_at_the_start_without_the_manager_too() {
    let issuer = Issuer::start(&[Pair::ed25519("key").jwk()]).await;
    let variables = [
        ("AUTH_SERVICE_URL", issuer.url.as_str()),
        ("AUTH_SERVICE_APP_SLUG", "my-app"),
        ("AUTH_SERVICE_JWKS_FETCH_AT_START", "true"),
    ];
    let name = "keys_can_be_fetched_at_the_start_without_the_manager_too";
    if alone(name, &variables).is_some() {
        assert_eq!(issuer.hits(), 1);
        return;
    }
    let app = App::start(Parts::default()).await.unwrap();
    let keys = OidcConfig::from_env().unwrap().keys().unwrap();
    while keys.state().age.is_none() {
        tokio::task::yield_now().await;
    }
    app.stop().await;
}
