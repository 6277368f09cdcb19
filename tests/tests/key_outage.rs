//! What clients see while the auth-service rotates its keys or is down, with all options at their
//! defaults. The parity app chooses the original's answers; these are what everyone else gets.

use ioserver_tests::{App, Issuer};
use serde_json::json;

const PARTS: [&str; 4] = ["oidcConfig", "users", "api", "chat"];

#[tokio::test]
async fn the_first_token_after_a_rotation_gets_in_at_once() {
    let issuer = Issuer::start().await;
    issuer.set(json!({ "keys": ["rsa-1"] })).await;
    let app = App::start(&PARTS, &issuer.environment()).await;
    let before = issuer.mint(json!({ "key": "rsa-1", "alg": "RS256" })).await;
    assert_eq!(app.me(&before).await.0, 200);

    // jose would wait until the fetch that has just been made is 30 s old.
    issuer.set(json!({ "keys": ["rsa-1", "ec-256"] })).await;
    let after = issuer.mint(json!({ "key": "ec-256", "alg": "ES256" })).await;
    assert_eq!(app.me(&after).await.0, 200);
    assert_eq!(app.chat(&after).await.refused, None);
    assert_eq!(issuer.hits().await, 2);
}

#[tokio::test]
async fn an_outage_is_not_a_bad_token_and_the_failing_endpoint_is_left_alone() {
    let issuer = Issuer::start().await;
    issuer.set(json!({ "mode": "500" })).await;
    let app = App::start(&PARTS, &issuer.environment()).await; // it starts all the same
    let token = issuer.mint(json!({})).await;

    let (status, retry, body) = app.me(&token).await;
    assert_eq!((status, &body["code"]), (503, &json!("ERR_AUTH_UNAVAILABLE")), "{body}");
    assert!(retry.is_some_and(|seconds| seconds.parse::<u64>().is_ok()));
    assert_eq!(app.chat(&token).await.refused.as_deref(), Some("ERR_AUTH_UNAVAILABLE"));
    for _ in 0..50 {
        assert_eq!(app.me(&token).await.0, 503);
    }
    let hits = issuer.hits().await;
    assert!(hits < 10, "{hits} requests to an endpoint that fails");
}

#[tokio::test]
async fn the_server_recovers_without_a_restart() {
    let issuer = Issuer::start().await;
    issuer.set(json!({ "mode": "500" })).await;
    let app = App::start(&PARTS, &issuer.environment()).await;
    let token = issuer.mint(json!({})).await;
    assert_eq!(app.me(&token).await.0, 503);

    issuer.set(json!({ "mode": "ok" })).await;
    let recovered = async { while app.me(&token).await.0 != 200 {} };
    let waited = tokio::time::timeout(std::time::Duration::from_secs(30), recovered).await;
    assert!(waited.is_ok(), "the keys are there again, and the server does not ask for them");
}

#[tokio::test]
async fn keys_that_are_known_serve_on_while_the_auth_service_is_down() {
    let issuer = Issuer::start().await;
    let app = App::start(&PARTS, &issuer.environment()).await;
    let token = issuer.mint(json!({})).await;
    assert_eq!(app.me(&token).await.0, 200);

    issuer.set(json!({ "mode": "down" })).await;
    let another = issuer.mint(json!({ "claims": { "sub": "user-2" } })).await;
    assert_eq!(app.me(&another).await.0, 200);
    assert_eq!(app.chat(&another).await.refused, None);
    let unknown = issuer.mint(json!({ "header": { "kid": "made-up" } })).await;
    assert_ne!(app.me(&unknown).await.0, 200);
}
