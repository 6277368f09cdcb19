//! `examples/oidc` as a stranger runs it: curl and a real socket.io-client get in with a token and
//! stay out without one.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::collections::BTreeMap;

use ioserver_tests::{Program, built, connect};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

/// The running example, and its two addresses.
struct Example {
    program: Program,
    app: String,
    auth: String,
    http: Client,
}

fn settings(database: &tempfile::TempDir) -> BTreeMap<&'static str, String> {
    let file = database.path().join("users.sqlite3").display().to_string();
    [("PORT", "0".into()), ("AUTH_PORT", "0".into()), ("DATABASE", file)].into()
}

impl Example {
    async fn start(database: &tempfile::TempDir) -> Self {
        let mut program = Program::start(built("example-oidc"), [""; 0], &settings(database));
        let url = |line: &str| {
            line.split_once(" listens on ")?.1.split_whitespace().next().map(str::to_owned)
        };
        let app = program.wait_for("the app's address", url).await;
        let auth = program.wait_for("the auth-service's address", url).await;
        Self { program, app, auth, http: Client::new() }
    }

    async fn token(&self, of: &str) -> String {
        let minted = self.http.post(format!("{}/token/{of}", self.auth)).send().await.unwrap();
        minted.text().await.unwrap()
    }

    async fn me(&self, token: Option<&str>) -> (StatusCode, Value) {
        let request = self.http.get(format!("{}/api/me", self.app));
        let request = token.into_iter().fold(request, reqwest::RequestBuilder::bearer_auth);
        let answer = request.send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    /// Why a socket with this `auth` is refused.
    async fn refusal(&self, namespace: &str, auth: Value) -> Option<String> {
        let url = format!("{}{namespace}", self.app);
        connect(&url, &auth, "whoami", &Value::Null).await.refused
    }
}

#[tokio::test]
async fn http_wants_a_token_of_an_account_that_is_not_disabled() {
    let database = tempfile::tempdir().unwrap();
    let example = Example::start(&database).await;

    let open = example.http.get(format!("{}/health", example.app)).send().await.unwrap();
    assert_eq!(open.json::<Value>().await.unwrap(), json!({ "status": "OK" }));

    let (status, body) = example.me(None).await;
    assert_eq!((status.as_u16(), &body["code"]), (401, &json!("ERR_AUTH_TOKEN_REQUIRED")));
    let alice = example.token("alice").await;
    let (status, body) = example.me(Some(&alice)).await;
    assert_eq!((status.as_u16(), &body["sub"]), (200, &json!("alice-sub")));
    for (who, expected) in [
        ("expired", (401, "ERR_AUTH_TOKEN_INVALID")),
        ("id-token", (401, "ERR_AUTH_TOKEN_INVALID")),
        ("mallory", (403, "ERR_ACCOUNT_DISABLED")),
    ] {
        let (status, body) = example.me(Some(&example.token(who).await)).await;
        assert_eq!((status.as_u16(), body["code"].as_str().unwrap()), expected, "{who}");
    }
    let tampered = format!("{}A", &alice[..alice.len() - 1]);
    let other = format!("{}B", &alice[..alice.len() - 1]);
    for token in [tampered, other].iter().filter(|token| **token != alice) {
        assert_eq!(example.me(Some(token)).await.0, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn sockets_want_a_token_and_the_admin_namespace_wants_an_admins() {
    let database = tempfile::tempdir().unwrap();
    let example = Example::start(&database).await;
    let auth = async |who: &str| json!({ "token": example.token(who).await });

    let refused = example.refusal("/chat", json!({})).await;
    assert_eq!(refused.as_deref(), Some("ERR_AUTH_TOKEN_REQUIRED"));
    for (namespace, who, expected) in [
        ("/chat", "expired", "ERR_AUTH_TOKEN_INVALID"),
        ("/chat", "id-token", "ERR_AUTH_TOKEN_INVALID"),
        ("/chat", "mallory", "ERR_ACCOUNT_DISABLED"),
        ("/admin", "alice", "ERR_FORBIDDEN"),
        ("/admin", "mallory", "ERR_ACCOUNT_DISABLED"),
    ] {
        let refused = example.refusal(namespace, auth(who).await).await;
        assert_eq!(refused.as_deref(), Some(expected), "{who} on {namespace}");
    }

    let chat = format!("{}/chat", example.app);
    let said = connect(&chat, &auth("alice").await, "say", &json!("hello")).await;
    assert_eq!((said.refused, said.ack), (None, json!({ "delivered": 1 })));

    let admin = format!("{}/admin", example.app);
    let listed = connect(&admin, &auth("admin").await, "visitors", &Value::Null).await;
    assert_eq!(listed.ack[0]["name"], "Ada", "{listed:?}");
    assert_eq!(listed.ack[0]["namespace"], "admin", "{listed:?}");
}

#[tokio::test]
async fn accounts_outlive_the_server() {
    let database = tempfile::tempdir().unwrap();
    let first = Example::start(&database).await;
    let (_, before) = first.me(Some(&first.token("alice").await)).await;
    first.program.signal("TERM").await;
    let ended = first.program.ended().await;
    assert_eq!(ended.code, Some(0), "{}", ended.output);

    let second = Example::start(&database).await;
    let (_, admin) = second.me(Some(&second.token("admin").await)).await;
    let (_, after) = second.me(Some(&second.token("alice").await)).await;
    assert_eq!(before["userId"], after["userId"]);
    assert_ne!(admin["userId"], after["userId"]);
}

#[tokio::test]
async fn the_development_auth_service_refuses_to_listen_where_others_reach_it() {
    let database = tempfile::tempdir().unwrap();
    let mut environment = settings(&database);
    environment.insert("HOST", "0.0.0.0".into());
    let ended = Program::start(built("example-oidc"), [""; 0], &environment).ended().await;
    assert_eq!(ended.code, Some(1), "{}", ended.output);
    assert!(ended.output.contains("refuses to listen on 0.0.0.0"), "{}", ended.output);
}
