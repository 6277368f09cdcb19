//! The auth-service for tests does what its users will rely on.

use std::time::Duration;

use ioserver_oidc::{
    Algorithm, OidcConfig, OidcError, Profile, TokenFault,
    testing::{AuthService, Outage, SigningKey},
    verify_oidc_token,
};
use serde_json::json;

async fn fault(token: &str, config: &OidcConfig) -> Option<TokenFault> {
    match verify_oidc_token(token, config).await {
        Ok(_) => None,
        Err(OidcError::InvalidToken(fault)) => Some(fault),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn its_tokens_pass_under_both_profiles_with_every_algorithm() {
    use Algorithm::*;

    let auth = AuthService::start().await.unwrap();
    let mut config = auth.config();
    config.jwks.unknown_kid_cooldown = Duration::ZERO;
    for (number, algorithm) in
        [Rs256, Rs384, Rs512, Ps256, Ps384, Ps512, Es256, Es384, Es512, EdDsa, Ed25519]
            .into_iter()
            .enumerate()
    {
        auth.rotate_to(SigningKey::generate(format!("{algorithm}"), algorithm));
        let token = auth.mint("user-1").token();
        for profile in [Profile::Compatible, Profile::Strict] {
            config.profile = profile;
            assert_eq!(fault(&token, &config).await, None, "{algorithm}, {profile:?}");
        }
        assert_eq!(auth.hits(), number + 1, "{algorithm}");
    }
}

#[tokio::test]
async fn a_mint_says_what_it_is_told() {
    let auth = AuthService::start().await.unwrap();
    let config = auth.config();
    let token = auth.mint("user-1").claim("features", json!({ "max": 3 })).token();
    let user = verify_oidc_token(&token, &config).await.unwrap();
    assert_eq!((user.sub.as_str(), user.claim("features")), ("user-1", Some(&json!({ "max": 3 }))));

    for (mint, why) in [
        (auth.mint("user-1").expired(), TokenFault::Expired),
        (auth.mint("user-1").audience("https://other.example"), TokenFault::Audience),
        (auth.mint("user-1").claim("iss", "https://other.example"), TokenFault::Issuer),
        (auth.mint("user-1").without("sub"), TokenFault::Subject),
        (auth.mint(""), TokenFault::Subject),
        (auth.mint("user-1").header("typ", "logout+jwt"), TokenFault::Type),
        (auth.mint("user-1").header("alg", "none"), TokenFault::Algorithm),
        (auth.mint("user-1").header("alg", json!(null)), TokenFault::Algorithm),
    ] {
        assert_eq!(fault(&mint.token(), &config).await, Some(why), "{why}");
    }
}

#[tokio::test]
async fn old_keys_stay_published_until_they_are_retired() {
    let auth = AuthService::start().await.unwrap();
    let config = auth.config();
    let (old, first) = (auth.mint("user-1").token(), auth.key());
    auth.rotate();
    assert_ne!(auth.key().kid(), first.kid());
    for token in [&old, &auth.mint("user-1").token()] {
        assert_eq!(fault(token, &config).await, None);
    }
    auth.retire_keys();
    config.keys().unwrap().refresh().await.unwrap();
    assert_eq!(fault(&old, &config).await, Some(TokenFault::NoMatchingKey));
    let late = auth.mint("user-1").signed_by(&first).token();
    assert_eq!(fault(&late, &config).await, Some(TokenFault::NoMatchingKey));
    assert_eq!(fault(&auth.mint("user-1").token(), &config).await, None);
}

#[tokio::test]
async fn it_fails_in_each_way_it_is_told_and_recovers() {
    let auth = AuthService::start().await.unwrap();
    let keys = auth.config().keys().unwrap();
    let why = async || {
        let error = keys.refresh().await.unwrap_err();
        std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default()
    };

    auth.fail(Outage::Status(503));
    assert!(why().await.contains("503"));
    auth.fail(Outage::Down);
    assert!(!why().await.contains("503"));
    auth.recover();
    keys.refresh().await.unwrap();

    auth.be_slow(Duration::MAX);
    let mut hasty = auth.config();
    hasty.jwks.timeout = Duration::from_millis(100);
    hasty.keys().unwrap().refresh().await.unwrap_err();
    auth.recover();
    keys.refresh().await.unwrap();
    assert!(auth.hits() >= 5, "{}", auth.hits());

    auth.publish_text("<html>");
    keys.refresh().await.unwrap_err();
    auth.rotate();
    keys.refresh().await.unwrap();
}

#[tokio::test]
async fn it_listens_on_loopback_only() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let refused = AuthService::start_on(address.parse().unwrap()).await.unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::InvalidInput, "{address}");
        assert!(refused.to_string().contains("is not loopback"), "{refused}");
    }
}

#[tokio::test]
async fn it_ends_when_it_is_dropped() {
    let auth = AuthService::start().await.unwrap();
    let keys = auth.config().keys().unwrap();
    keys.refresh().await.unwrap();
    drop(auth);
    tokio::task::yield_now().await; // the aborted task gives its listener back
    keys.refresh().await.unwrap_err();
}
