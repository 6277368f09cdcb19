//! Bearer tokens over HTTP, against a running server.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod app;
mod support;

use std::sync::atomic::Ordering;

use app::{App, Parts, Users, body};
use ioserver_oidc::{OidcConfig, OutageAnswer};
use serde_json::json;
use support::{Issuer, Pair, with};

async fn lab(users: Option<Users>) -> (Issuer, Pair, App) {
    let key = Pair::ed25519("key");
    let issuer = Issuer::start(&[key.jwk()]).await;
    let parts = Parts { config: Some(issuer.config()), users, ..Parts::default() };
    let app = App::start(parts).await.unwrap();
    (issuer, key, app)
}

#[tokio::test]
async fn a_valid_token_gets_in_and_leaves_its_user() {
    let (issuer, key, app) = lab(None).await;
    let claims = with(issuer.claims(), json!({ "roles": ["editor"], "email": "a@example.com" }));
    let (status, user) = app.me(&key.token(&claims)).await;
    assert_eq!(status, 200);
    let expected = json!({
        "userId": "user-1", "sub": "user-1", "email": "a@example.com", "userRole": "editor",
        "roles": ["editor"], "permissions": [], "features": {}
    });
    assert_eq!(user, expected);
    app.stop().await;
}

#[tokio::test]
async fn without_a_token_it_is_a_bare_challenge() {
    let (_issuer, _key, app) = lab(None).await;
    for sent in [None, Some(""), Some("Basic abc"), Some("bearer abc"), Some("Bearer")] {
        let response = app.get("/api/me", sent).await;
        assert_eq!(response.status(), 401, "{sent:?}");
        assert_eq!(response.headers()["www-authenticate"], "Bearer", "{sent:?}");
        let expected = json!({
            "statusCode": 401, "error": "Unauthorized", "code": "ERR_AUTH_TOKEN_REQUIRED",
            "message": "Bearer token required."
        });
        assert_eq!(body(response).await, expected, "{sent:?}");
    }
    assert_eq!(app.get("/open/me", None).await.status(), 200);
    app.stop().await;
}

#[tokio::test]
async fn a_bad_token_hears_one_constant_text_whatever_is_wrong_with_it() {
    let (issuer, key, app) = lab(None).await;
    let claims = issuer.claims();
    let expired = key.token(&with(claims.clone(), json!({ "exp": 1 })));
    let foreign = Pair::ed25519("key").token(&claims);
    let tokens =
        ["x".to_owned(), " x".into(), expired, foreign, format!("{} y", key.token(&claims))];
    for token in tokens {
        let response = app.get("/api/me", Some(&format!("Bearer {token}"))).await;
        assert_eq!(response.status(), 401);
        let challenge = response.headers()["www-authenticate"].to_str().unwrap();
        assert!(challenge.starts_with("Bearer error=\"invalid_token\""), "{challenge}");
        let expected = json!({
            "statusCode": 401, "error": "Unauthorized", "code": "ERR_AUTH_TOKEN_INVALID",
            "message": "Invalid or expired token."
        });
        assert_eq!(body(response).await, expected);
    }
    app.stop().await;
}

#[tokio::test]
async fn a_token_in_the_query_is_not_looked_at() {
    let (issuer, key, app) = lab(None).await;
    let token = key.token(&issuer.claims());
    let response = app.get(&format!("/api/me?access_token={token}"), None).await;
    assert_eq!(body(response).await["code"], "ERR_AUTH_TOKEN_REQUIRED");
    app.stop().await;
}

#[tokio::test]
async fn the_users_manager_decides_who_it_is() {
    let users = Users::default();
    let (issuer, key, app) = lab(Some(users.clone())).await;
    let me = async |sub: &str| {
        let claims = json!({ "sub": sub, "roles": ["editor"], "name": "From token" });
        app.me(&key.token(&with(issuer.claims(), claims))).await
    };
    let (status, user) = me("ann").await;
    assert_eq!(
        (status, &user["userId"], &user["userRole"]),
        (200, &json!("id-ann"), &json!("local"))
    );
    assert_eq!((&user["sub"], &user["roles"]), (&json!("ann"), &json!(["editor"])));
    let (_, user) = me("bare").await;
    assert_eq!((&user["userId"], &user["userRole"]), (&json!("bare"), &json!("editor")));
    let (_, user) = me("named").await;
    assert_eq!((&user["name"], &user["email"]), (&json!("From DB"), &json!("db@example.com")));
    for (sub, status, code) in [
        ("disabled", 403, "ERR_ACCOUNT_DISABLED"),
        ("throws", 500, "ERR_USER_PROVISION_FAILED"),
        ("nobody", 500, "ERR_USER_PROVISION_FAILED"),
    ] {
        let (got, body) = me(sub).await;
        assert_eq!((got, &body["code"]), (status, &json!(code)), "{sub}");
        assert!(!body.to_string().contains("database"), "{body}");
    }
    app.stop().await;
}

#[tokio::test]
async fn the_users_manager_is_asked_each_time_and_never_about_a_bad_token() {
    let users = Users::default();
    let (issuer, key, app) = lab(Some(users.clone())).await;
    let token = key.token(&issuer.claims());
    assert_eq!(app.me(&token).await.0, 200);
    assert_eq!(app.me(&token).await.0, 200);
    assert_eq!(*users.asked.lock().unwrap(), ["user-1", "user-1"]);

    users.closed.store(true, Ordering::SeqCst);
    assert_eq!(app.me(&token).await.0, 403, "disabled at once, although the token is remembered");
    let expired = key.token(&with(issuer.claims(), json!({ "exp": 1 })));
    assert_eq!(app.me(&expired).await.0, 401);
    assert_eq!(users.asked.lock().unwrap().len(), 3);
    app.stop().await;
}

async fn in_an_outage(change: impl FnOnce(&mut OidcConfig)) -> reqwest::Response {
    let key = Pair::ed25519("key");
    let issuer = Issuer::start(&[key.jwk()]).await;
    issuer.be_down(true);
    let mut config = issuer.config();
    change(&mut config);
    let app = App::start(Parts { config: Some(config), ..Parts::default() }).await.unwrap();
    let token = key.token(&issuer.claims());
    let response = app.get("/api/me", Some(&format!("Bearer {token}"))).await;
    app.stop().await;
    response
}

#[tokio::test]
async fn an_outage_is_a_503_that_says_when_to_come_back() {
    let response = in_an_outage(|_| {}).await;
    assert_eq!(response.status(), 503);
    let pause: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&pause), "{pause}");
    assert!(!response.headers().contains_key("www-authenticate"));
    let body = body(response).await;
    assert_eq!(body["code"], "ERR_AUTH_UNAVAILABLE");
    assert_eq!((&body["statusCode"], &body["error"]), (&json!(503), &json!("Service Unavailable")));
}

#[tokio::test]
async fn the_originals_answer_to_an_outage_is_an_option() {
    let response = in_an_outage(|config| config.outage_answer = OutageAnswer::AsBadToken).await;
    assert_eq!(response.status(), 401);
    assert_eq!(body(response).await["code"], "ERR_AUTH_TOKEN_INVALID");
}
