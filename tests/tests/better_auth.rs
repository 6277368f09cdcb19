//! Tokens of a real BetterAuth provider, on the two lines in use: the access token gets in over
//! HTTP and over Socket.IO, whatever the keys are; the provider's other tokens do not.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::collections::BTreeMap;

use ioserver_tests::{App, Program, folder, node};
use serde_json::{Value, json};

const AUDIENCE: &str = "https://api.example.test";
const CLIENT: &str = "e2e-public";
const V1_5: &str = "auth-provider/server.mjs";
const V1_7: &str = "auth-provider/v1.7/server.mjs";

/// A provider of one of the lines.
struct Provider {
    base: String,
    line: &'static str,
    _program: Program,
}

impl Provider {
    async fn start(line: &'static str, alg: &str) -> Self {
        let environment = [("PORT", "0".to_owned()), ("KEY_ALG", alg.to_owned())].into();
        let mut program = Program::start("node", [folder(line)], &environment);
        let ready = |line: &str| {
            serde_json::from_str::<Value>(line).ok()?["baseURL"].as_str().map(str::to_owned)
        };
        let base = program.wait_for("that it is ready", ready).await;
        Self { base, line, _program: program }
    }

    /// Walks a user's flow.
    async fn grant(&self, flags: &[&str]) -> Value {
        node("auth-provider/get-token.mjs", &[&["--base", &self.base], flags].concat()).await
    }

    /// The next signature is made with a new key; the old ones stay for their grace period.
    async fn expire_keys(&self) {
        let url = format!("{}/test/expire-keys", self.base);
        let answer = reqwest::Client::new().post(url).send().await.unwrap();
        assert_eq!(answer.status(), 204);
    }

    async fn app(&self, profile: &str, audience: &str) -> App {
        let environment = BTreeMap::from([
            ("AUTH_SERVICE_URL", self.base.clone()),
            ("AUTH_SERVICE_APP_SLUG", CLIENT.to_owned()),
            ("AUTH_SERVICE_AUDIENCE", audience.to_owned()),
            ("AUTH_SERVICE_PROFILE", profile.to_owned()),
        ]);
        App::start(&["oidcConfig", "users", "api", "chat"], &environment).await
    }
}

fn access_token(granted: &Value) -> &str {
    granted["tokens"]["access_token"].as_str().unwrap()
}

async fn gets_in(app: &App, token: &str, case: &str) -> Value {
    let (status, _, me) = app.me(token).await;
    assert_eq!(status, 200, "{case}: {me}");
    let chat = app.chat(token).await;
    assert_eq!((chat.refused, &chat.ack["sub"]), (None, &me["sub"]), "{case}");
    me
}

async fn stays_out(app: &App, token: &str, case: &str) {
    let (status, _, body) = app.me(token).await;
    assert_eq!((status, &body["code"]), (401, &json!("ERR_AUTH_TOKEN_INVALID")), "{case}");
    let refused = app.chat(token).await.refused;
    assert_eq!(refused.as_deref(), Some("ERR_AUTH_TOKEN_INVALID"), "{case}");
}

async fn only_the_access_token_gets_in(line: &'static str, alg: &str, profile: &str) {
    let case = format!("{line}, {alg}, {profile}");
    let provider = Provider::start(line, alg).await;
    let app = provider.app(profile, AUDIENCE).await;

    let granted = provider.grant(&["--session"]).await;
    assert_eq!(granted["decoded"]["access_token"]["header"]["alg"], json!(alg), "{case}");
    let me = gets_in(&app, access_token(&granted), &case).await;
    assert_eq!(me["roles"], json!(["editor", "user"]), "{case}");
    assert_eq!(me["userId"], json!(format!("local-{}", me["sub"].as_str().unwrap())), "{case}");
    assert_eq!(me["features"]["nested"]["tier"], json!("pro"), "{case}");

    let opaque = provider.grant(&["--no-resource"]).await;
    for (kind, token) in [
        ("the ID token", &granted["tokens"]["id_token"]),
        ("the session token", &granted["session"]),
        ("an opaque token", &opaque["tokens"]["access_token"]),
    ] {
        stays_out(&app, token.as_str().unwrap(), &format!("{case}: {kind}")).await;
    }
}

#[tokio::test]
async fn of_better_auth_1_5_only_the_access_token_gets_in() {
    only_the_access_token_gets_in(V1_5, "EdDSA", "compatible").await;
}

#[tokio::test]
async fn of_better_auth_1_7_only_the_access_token_gets_in() {
    only_the_access_token_gets_in(V1_7, "EdDSA", "compatible").await;
}

const ALGORITHMS: [&str; 5] = ["EdDSA", "RS256", "PS256", "ES256", "ES512"];

#[tokio::test]
async fn of_better_auth_1_5_it_is_so_with_all_of_its_algorithms_and_under_the_strict_profile() {
    for alg in ALGORITHMS {
        only_the_access_token_gets_in(V1_5, alg, "strict").await;
    }
}

#[tokio::test]
async fn of_better_auth_1_7_it_is_so_with_all_of_its_algorithms_and_under_the_strict_profile() {
    for alg in ALGORITHMS {
        only_the_access_token_gets_in(V1_7, alg, "strict").await;
    }
}

/// The ID token is for the client, and the session token for the provider itself: with these
/// audiences only the profile keeps them out.
async fn the_profile_tells_the_tokens_apart(line: &'static str) {
    let provider = Provider::start(line, "EdDSA").await;
    let granted = provider.grant(&["--session"]).await;
    let id_token = granted["tokens"]["id_token"].as_str().unwrap();
    let session = granted["session"].as_str().unwrap();
    for (audience, token) in [(CLIENT, id_token), (&provider.base, session)] {
        let case = format!("{line}, for {audience}");
        let compatible = provider.app("compatible", audience).await;
        assert_eq!(compatible.me(token).await.0, 200, "{case}: the token is sound");
        stays_out(&provider.app("strict", audience).await, token, &case).await;
    }
}

#[tokio::test]
async fn the_strict_profile_knows_other_tokens_of_better_auth_by_more_than_their_audience() {
    the_profile_tells_the_tokens_apart(V1_5).await;
    the_profile_tells_the_tokens_apart(V1_7).await;
}

async fn a_rotation_shuts_nobody_out(provider: &Provider) {
    let app = provider.app("strict", AUDIENCE).await;
    let old = provider.grant(&[]).await;
    gets_in(&app, access_token(&old), provider.line).await;

    provider.expire_keys().await;
    let new = provider.grant(&[]).await;
    let kid = |granted: &Value| granted["decoded"]["access_token"]["header"]["kid"].clone();
    assert_ne!(kid(&old), kid(&new), "{}: it did not rotate", provider.line);
    gets_in(&app, access_token(&new), provider.line).await;
    gets_in(&app, access_token(&old), provider.line).await;
    // Not a remembered token: one that the old key made and this server has not seen yet.
    let other = provider.app("strict", AUDIENCE).await;
    gets_in(&other, access_token(&old), provider.line).await;
}

#[tokio::test]
async fn when_better_auth_rotates_its_keys_the_new_token_gets_in_at_once_and_the_old_one_still() {
    for line in [V1_5, V1_7] {
        a_rotation_shuts_nobody_out(&Provider::start(line, "EdDSA").await).await;
    }
}
