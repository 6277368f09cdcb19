//! What a server writes about tokens, and what it never writes.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod app;
mod support;

use app::{App, Parts, Users};
use std::sync::Arc;

use ioserver::{
    BaseManager, Capabilities, ControllerOptions, IOServer, IOServerError, IOServerOptions,
    LogLevel, ManagerOptions, Reply, Result, controller,
};
use ioserver_oidc::{ConfigSource, OidcConfig, OidcConfigManager, OidcHttpMiddleware};
use serde_json::json;
use support::{Issuer, Pair, alone, now, with};

#[tokio::test]
async fn reasons_are_written_and_nothing_of_a_token_is() {
    let Some(written) = alone("reasons_are_written_and_nothing_of_a_token_is", &[]) else {
        return send_tokens().await;
    };
    for reason in ["it has expired", "its signature is wrong", "its `aud` does not name", "`cnf`"] {
        assert!(written.contains(reason), "{reason}: {written}");
    }
    for secret in ["hunter2", "eyJ", "evil.example"] {
        assert!(!written.contains(secret), "{secret}: {written}");
    }
}

async fn send_tokens() {
    let key = Pair::ed25519("key");
    let issuer = Issuer::start(&[key.jwk()]).await;
    let app = App::start(Parts {
        config: Some(issuer.config()),
        users: Some(Users::default()),
        verbose: LogLevel::Debug,
        ..Parts::default()
    })
    .await
    .unwrap();
    let secret = json!({ "sub": "hunter2", "email": "hunter2", "roles": ["hunter2"] });
    let claims = with(issuer.claims(), secret);
    for (members, status) in [
        (json!({}), 200),
        (json!({ "sub": "disabled" }), 403),
        (json!({ "sub": "nobody" }), 500),
        (json!({ "exp": now() - 1 }), 401),
        (json!({ "aud": "https://evil.example" }), 401),
        (json!({ "cnf": { "jkt": "hunter2" } }), 401),
    ] {
        let token = key.token(&with(claims.clone(), members.clone()));
        assert_eq!(app.me(&token).await.0, status, "{members}");
    }
    assert_eq!(app.me(&Pair::ed25519("key").token(&claims)).await.0, 401);
    let unknown = key.token_with(json!({ "kid": "hunter2" }), &claims);
    assert_eq!(app.me(&unknown).await.0, 401);
    let auth = json!({ "token": "hunter2" });
    assert!(app.connect("/chat", auth).await.is_err());
    app.stop().await;
}

#[tokio::test]
async fn the_start_says_what_is_configured_and_what_is_unwise() {
    let variables = [
        ("AUTH_SERVICE_URL", "https://auth.example.com/"),
        ("AUTH_SERVICE_APP_SLUG", "my-app"),
        ("AUTH_SERVICE_AUDIANCE", "https://api.example.com"),
    ];
    let name = "the_start_says_what_is_configured_and_what_is_unwise";
    let Some(written) = alone(name, &variables) else {
        let options =
            IOServerOptions { port: 0, verbose: LogLevel::Information, ..Default::default() };
        let mut server = IOServer::new(options);
        let manager = ManagerOptions { name: "oidcConfig", manager: OidcConfigManager };
        server.add_manager(manager).unwrap();
        return server.start().await.unwrap().stop().await.unwrap();
    };
    let line = "[OidcConfigManager] Initialized — authServiceUrl=https://auth.example.com, \
                appSlug=my-app";
    assert!(written.contains(line), "{written}");
    let hole = "AUTH_SERVICE_AUDIENCE is not set, so the audience is the app's slug `my-app`";
    assert!(written.contains(hole), "{written}");
    assert!(written.contains("AUTH_SERVICE_AUDIANCE is no variable"), "{written}");
}

/// What a start writes at `Warning`.
async fn warnings_of(test: &str, audience: &str) -> Option<String> {
    let written = alone(test, &[]);
    if written.is_none() {
        let mut config = OidcConfig::new("https://auth.example.com", "my-app");
        config.audience = Some(audience.into());
        let options = IOServerOptions { port: 0, verbose: LogLevel::Warning, ..Default::default() };
        let mut server = IOServer::new(options);
        let manager = OidcConfigManager::with(config);
        server.add_manager(ManagerOptions { name: "oidcConfig", manager }).unwrap();
        server.start().await.unwrap().stop().await.unwrap();
    }
    written
}

#[tokio::test]
async fn the_auth_service_itself_is_no_audience() {
    let name = "the_auth_service_itself_is_no_audience";
    if let Some(written) = warnings_of(name, "https://auth.example.com").await {
        assert!(written.contains("its session tokens, which therefore pass"), "{written}");
    }
}

#[tokio::test]
async fn an_audience_of_ones_own_is_nothing_to_warn_about() {
    let name = "an_audience_of_ones_own_is_nothing_to_warn_about";
    if let Some(written) = warnings_of(name, "https://api.example.com").await {
        assert!(!written.contains("AUTH_SERVICE_"), "{written}");
    }
}

/// A manager whose configuration cannot be had.
struct Locked;

impl BaseManager for Locked {
    fn provide(self: Arc<Self>, capabilities: &mut Capabilities) {
        capabilities.add::<dyn ConfigSource>(self);
    }
}

impl ConfigSource for Locked {
    fn oidc_config(&self) -> Result<Arc<OidcConfig>> {
        Err(IOServerError::internal("vault.internal refuses hunter2"))
    }
}

struct Page;

#[controller]
impl Page {
    pub async fn show(&self) -> Reply {
        Reply::text("secret")
    }
}

#[tokio::test]
async fn why_there_is_no_configuration_is_for_the_log() {
    if let Some(written) = alone("why_there_is_no_configuration_is_for_the_log", &[]) {
        assert!(written.contains("nobody is let in: vault.internal refuses hunter2"), "{written}");
        return;
    }
    let routes = tempfile::tempdir().unwrap();
    let file = json!([{ "method": "GET", "url": "/page", "handler": "show" }]).to_string();
    std::fs::write(routes.path().join("api.json"), file).unwrap();
    let mut server = IOServer::new(IOServerOptions {
        port: 0,
        routes: routes.path().into(),
        ..Default::default()
    });
    server.add_manager(ManagerOptions::new("oidcConfig", |_| Locked)).unwrap();
    let middlewares = vec![OidcHttpMiddleware];
    let (name, prefix) = ("api", None);
    let api = ControllerOptions { name, controller: |_| Page, middlewares, prefix };
    server.add_controller(api).unwrap();
    let running = server.start().await.unwrap();
    let answer = reqwest::get(format!("http://{}/api/page", running.address())).await.unwrap();
    assert_eq!(answer.status(), 500);
    let answer = answer.text().await.unwrap();
    assert!(answer.contains("getConfig() called before start()"), "{answer}");
    running.stop().await.unwrap();
}
