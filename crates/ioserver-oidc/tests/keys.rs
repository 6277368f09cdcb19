//! Tokens and the keys that verify them: what is remembered, and what a change of keys undoes.

mod support;

use std::sync::Arc;

use ioserver_oidc::{
    OidcConfig, OidcError,
    TokenFault::{self, *},
    verify_oidc_token,
};
use serde_json::json;
use support::{Issuer, Pair, fault, user, with};

#[tokio::test]
async fn a_key_that_was_taken_out_ends_its_tokens_with_the_next_refresh() {
    let (old, new) = (Pair::ed25519("old"), Pair::ed25519("new"));
    for remembered in [0, 100] {
        let issuer = Issuer::start(&[old.jwk()]).await;
        let mut config = issuer.config();
        config.token_cache = remembered;
        let token = old.token(&issuer.claims());
        assert_eq!(fault(&token, &config).await, None);
        assert_eq!(fault(&token, &config).await, None);

        issuer.publish(&[new.jwk()]);
        config.keys().unwrap().refresh().await.unwrap();
        assert_eq!(fault(&token, &config).await, Some(NoMatchingKey), "cache of {remembered}");
        assert_eq!(fault(&new.token(&issuer.claims()), &config).await, None);
    }
}

#[tokio::test]
async fn a_key_that_was_replaced_under_its_id_ends_its_tokens_too() {
    let (old, new) = (Pair::ed25519("key"), Pair::ed25519("key"));
    let issuer = Issuer::start(&[old.jwk()]).await;
    let config = issuer.config();
    let token = old.token(&issuer.claims());
    assert_eq!(fault(&token, &config).await, None);
    issuer.publish(&[new.jwk()]);
    config.keys().unwrap().refresh().await.unwrap();
    assert_eq!(fault(&token, &config).await, Some(Signature));
}

#[tokio::test]
async fn the_first_token_after_a_rotation_passes_at_once() {
    let (old, new) = (Pair::ed25519("old"), Pair::ed25519("new"));
    let issuer = Issuer::start(&[old.jwk()]).await;
    let config = issuer.config();
    assert_eq!(fault(&old.token(&issuer.claims()), &config).await, None);
    issuer.publish(&[old.jwk(), new.jwk()]);
    assert_eq!(fault(&new.token(&issuer.claims()), &config).await, None);
    assert_eq!(issuer.hits(), 2);
}

#[tokio::test]
async fn a_remembered_token_is_remembered_for_its_own_rules_only() {
    let key = Pair::ed25519("key");
    let issuer = Issuer::start(&[key.jwk()]).await;
    let config = issuer.config();
    let token = key.token(&issuer.claims());
    assert_eq!(fault(&token, &config).await, None);

    let mut other = config.clone();
    other.audience = Some("https://other.example.com".into());
    assert_eq!(fault(&token, &other).await, Some(Audience), "a copy that was changed");
    let mut changed = config;
    changed.issuer = Some("https://other.example.com".into());
    assert_eq!(
        fault(&token, &changed).await,
        Some(TokenFault::Issuer),
        "changed after it was used"
    );
    assert_eq!(issuer.hits(), 1, "they share the keys");
}

#[tokio::test]
async fn a_token_that_was_changed_is_not_the_remembered_one() {
    let key = Pair::ed25519("key");
    let issuer = Issuer::start(&[key.jwk()]).await;
    let config = issuer.config();
    let token = key.token(&issuer.claims());
    assert_eq!(fault(&token, &config).await, None);
    let forged = with(issuer.claims(), json!({ "roles": ["admin"] }));
    let (_, signature) = token.rsplit_once('.').unwrap();
    let other = key.token(&forged);
    let (signed, _) = other.rsplit_once('.').unwrap();
    assert_eq!(fault(&format!("{signed}.{signature}"), &config).await, Some(Signature));
    assert_eq!(user(&token, &config).await.roles.names().count(), 0);
}

#[tokio::test]
async fn a_token_expires_although_it_is_remembered() {
    let key = Pair::ed25519("key");
    let issuer = Issuer::start(&[key.jwk()]).await;
    let mut config = issuer.config();
    config.clock_tolerance = std::time::Duration::from_secs(60);
    let token = key.token(&with(issuer.claims(), json!({ "exp": support::now() - 30 })));
    assert_eq!(fault(&token, &config).await, None, "within the tolerance");
    config.clock_tolerance = std::time::Duration::ZERO;
    assert_eq!(fault(&token, &config).await, Some(Expired));
}

#[tokio::test]
async fn without_keys_nobody_can_tell_and_the_error_says_why() {
    let key = Pair::ed25519("key");
    let issuer = Issuer::start(&[key.jwk()]).await;
    issuer.be_down(true);
    let config = issuer.config();
    let token = key.token(&issuer.claims());
    let error = verify_oidc_token(&token, &config).await.unwrap_err();
    assert!(matches!(error, OidcError::KeysUnavailable(_)), "{error}");
    let why = std::error::Error::source(&error).unwrap().to_string();
    assert!(why.contains("500"), "{why}");
    assert!(error.retry_after().is_some());

    issuer.be_down(false);
    config.keys().unwrap().refresh().await.unwrap();
    assert_eq!(fault(&token, &config).await, None, "it recovers without a restart");
}

#[tokio::test]
async fn an_outage_does_not_end_known_keys() {
    let key = Pair::ed25519("key");
    let issuer = Issuer::start(&[key.jwk()]).await;
    let config = issuer.config();
    assert_eq!(fault(&key.token(&issuer.claims()), &config).await, None);
    issuer.be_down(true);
    config.keys().unwrap().refresh().await.unwrap_err();
    let fresh = key.token(&with(issuer.claims(), json!({ "sub": "user-2" })));
    assert_eq!(fault(&fresh, &config).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_cold_requests_cause_one_fetch() {
    let key = Pair::es256("key");
    let issuer = Issuer::start(&[key.jwk()]).await;
    let config = Arc::new(issuer.config());
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..200 {
        let config: Arc<OidcConfig> = Arc::clone(&config);
        let sub = json!({ "sub": format!("user-{number}") });
        let token = key.token(&with(issuer.claims(), sub));
        tasks.spawn(async move { verify_oidc_token(&token, &config).await.unwrap().sub });
    }
    let subs = tasks.join_all().await;
    assert_eq!(subs.iter().collect::<std::collections::HashSet<_>>().len(), 200);
    assert_eq!(issuer.hits(), 1);
}
