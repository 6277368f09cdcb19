//! Tokens of a real BetterAuth provider, on the two lines in use: the access token gets in over
//! HTTP and over Socket.IO; the ID token and the opaque token do not.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::collections::BTreeMap;

use ioserver_tests::{App, Program, folder, node};
use serde_json::{Value, json};

const AUDIENCE: &str = "https://api.example.test";

/// A provider of one of the lines, and its base URL.
async fn provider(script: &str) -> (Program, String) {
    let environment = [("PORT", "0".to_owned())].into();
    let mut provider = Program::start("node", [folder(script)], &environment);
    let ready = |line: &str| {
        serde_json::from_str::<Value>(line).ok()?["baseURL"].as_str().map(str::to_owned)
    };
    let base = provider.wait_for("that it is ready", ready).await;
    (provider, base)
}

async fn app(issuer: &str) -> App {
    let environment = BTreeMap::from([
        ("AUTH_SERVICE_URL", issuer.to_owned()),
        ("AUTH_SERVICE_APP_SLUG", "e2e-public".to_owned()),
        ("AUTH_SERVICE_AUDIENCE", AUDIENCE.to_owned()),
    ]);
    App::start(&["oidcConfig", "users", "api", "chat"], &environment).await
}

async fn only_the_access_token_gets_in(script: &str) {
    let (_provider, issuer) = provider(script).await;
    let app = app(&issuer).await;

    let granted = node("auth-provider/get-token.mjs", &["--base", &issuer]).await;
    let access = granted["tokens"]["access_token"].as_str().unwrap();
    let (status, _, me) = app.me(access).await;
    assert_eq!(status, 200, "{script}: {me}");
    assert_eq!(me["roles"], json!(["editor", "user"]));
    assert_eq!(me["userId"], json!(format!("local-{}", me["sub"].as_str().unwrap())));
    assert_eq!(me["features"]["nested"]["tier"], json!("pro"));
    let chat = app.chat(access).await;
    assert_eq!((chat.refused, &chat.ack["sub"]), (None, &me["sub"]), "{script}");

    let opaque = node("auth-provider/get-token.mjs", &["--base", &issuer, "--no-resource"]).await;
    let id_token = &granted["tokens"]["id_token"];
    let opaque = &opaque["tokens"]["access_token"];
    for (kind, token) in [("the ID token", id_token), ("an opaque token", opaque)] {
        let token = token.as_str().unwrap();
        assert_eq!(app.me(token).await.0, 401, "{script}: {kind}");
        let refused = app.chat(token).await.refused;
        assert_eq!(refused.as_deref(), Some("ERR_AUTH_TOKEN_INVALID"), "{script}: {kind}");
    }
}

#[tokio::test]
async fn of_better_auth_1_5_only_the_access_token_gets_in() {
    only_the_access_token_gets_in("auth-provider/server.mjs").await;
}

#[tokio::test]
async fn of_better_auth_1_7_only_the_access_token_gets_in() {
    only_the_access_token_gets_in("auth-provider/v1.7/server.mjs").await;
}
