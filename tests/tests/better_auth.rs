//! Tokens of a real BetterAuth provider, on the two lines in use: the access token gets in over
//! HTTP and over Socket.IO; the ID token and the opaque token do not.

use std::{collections::BTreeMap, fs};

use ioserver_tests::{Program, connect, folder, node};
use serde_json::{Value, json};

const AUDIENCE: &str = "https://api.example.test";

async fn provider(script: &str) -> (Program, Value) {
    let environment = [("PORT", "0".to_owned())].into();
    let mut provider = Program::start("node", [folder(script)], &environment);
    let ready = |line: &str| {
        serde_json::from_str::<Value>(line).ok().filter(|info| info["ready"] == json!(true))
    };
    let info = provider.wait_for("that it is ready", ready).await;
    (provider, info)
}

async fn app(routes: &tempfile::TempDir, issuer: &str) -> (Program, String) {
    let api = r#"[{ "method": "GET", "url": "/me", "handler": "me" }]"#;
    fs::write(routes.path().join("api.json"), api).unwrap();
    let environment = BTreeMap::from([
        ("AUTH_SERVICE_URL", issuer.to_owned()),
        ("AUTH_SERVICE_APP_SLUG", "e2e-public".to_owned()),
        ("AUTH_SERVICE_AUDIENCE", AUDIENCE.to_owned()),
    ]);
    let arguments = ["0", routes.path().to_str().unwrap(), "oidcConfig", "users", "api", "chat"];
    let mut app = Program::start(env!("CARGO_BIN_EXE_start-app"), arguments, &environment);
    let address = |line: &str| line.strip_prefix("listening on ").map(str::to_owned);
    let address = app.wait_for("its address", address).await;
    (app, format!("http://{address}"))
}

async fn get_in(app: &str, token: &str) -> (u16, Option<String>) {
    let request = reqwest::Client::new().get(format!("{app}/api/me")).bearer_auth(token);
    let status = request.send().await.unwrap().status().as_u16();
    let chat = format!("{app}/chat");
    let socket = connect(&chat, &json!({ "token": token }), "whoami", &Value::Null).await;
    (status, socket.refused)
}

async fn only_the_access_token_gets_in(script: &str) {
    let (_provider, info) = provider(script).await;
    let issuer = info["baseURL"].as_str().unwrap();
    let routes = tempfile::tempdir().unwrap();
    let (_app, app) = app(&routes, issuer).await;

    let granted = node("auth-provider/get-token.mjs", &["--base", issuer]).await;
    let tokens = &granted["tokens"];
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(get_in(&app, access).await, (200, None), "{script}: the access token");

    let request = reqwest::Client::new().get(format!("{app}/api/me")).bearer_auth(access);
    let me = request.send().await.unwrap().json::<Value>().await.unwrap();
    assert_eq!(me["roles"], json!(["editor", "user"]));
    assert_eq!(me["userId"], json!(format!("local-{}", me["sub"].as_str().unwrap())));
    assert_eq!(me["features"]["nested"]["tier"], json!("pro"));

    let opaque = node("auth-provider/get-token.mjs", &["--base", issuer, "--no-resource"]).await;
    for (kind, token) in [
        ("the ID token", &tokens["id_token"]),
        ("an opaque token", &opaque["tokens"]["access_token"]),
    ] {
        let refused = (401, Some("ERR_AUTH_TOKEN_INVALID".to_owned()));
        assert_eq!(get_in(&app, token.as_str().unwrap()).await, refused, "{script}: {kind}");
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
