//! Keys that change: what is noticed, when, and at what cost.

use std::{sync::Arc, time::Duration};

use serde_json::json;

use super::{
    endpoint::{Endpoint, pass},
    floods::{at_once, original, start},
    minter::{MESSAGE, Pair},
};
use crate::{
    Algorithm::*,
    jwks::{JwksClient, JwksOptions, JwksSource, JwksStatus, KeyError, Reporter},
};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn the_first_token_after_a_rotation_passes_within_one_round_trip() {
    let (endpoint, source) = start().await;
    source.refresh().await.unwrap();
    let pair = Pair::of(EdDsa, 0);
    endpoint.publish(&[pair.published("new", EdDsa)]);
    let key = source.key(EdDsa, Some("new")).await.unwrap();
    assert!(key.verify(EdDsa, MESSAGE, &pair.sign()));
    assert_eq!(endpoint.hits(), 2);
    assert!(matches!(at_once(&source, "known"), Some(Err(KeyError::NoMatch))));
}

#[tokio::test]
async fn a_kid_published_late_is_found_after_the_cooldown() {
    let (endpoint, source) = start().await;
    source.refresh().await.unwrap();
    assert!(matches!(source.key(Es256, Some("late")).await, Err(KeyError::NoMatch)));
    endpoint.publish(&[Pair::of(Es256, 0).published("late", Es256)]);
    pass(29 * SECOND).await;
    assert!(matches!(at_once(&source, "late"), Some(Err(KeyError::NoMatch))));
    pass(SECOND).await;
    assert!(source.key(Es256, Some("late")).await.is_ok());
    assert_eq!(endpoint.hits(), 3);
}

#[tokio::test]
async fn a_key_replaced_under_its_id_is_noticed_by_a_bad_signature() {
    let (endpoint, source) = start().await;
    let old = source.key(Es256, Some("known")).await.unwrap();
    let pair = Pair::of(Es256, 0);
    endpoint.publish(&[pair.published("known", Es256)]);
    assert!(source.replacement(Es256, Some("known"), &old).await.is_none());
    pass(300 * SECOND).await;
    let new = source.replacement(Es256, Some("known"), &old).await.unwrap();
    assert!(new.verify(Es256, MESSAGE, &pair.sign()));
    assert_eq!(endpoint.hits(), 2);
    // Whoever tried the old key meanwhile is given the new one without another fetch.
    assert!(source.replacement(Es256, Some("known"), &old).await.is_some());
    assert!(source.replacement(Es256, Some("known"), &new).await.is_none());
    assert_eq!(endpoint.hits(), 2);
}

#[tokio::test]
async fn a_refresh_that_brings_the_same_keys_keeps_the_generation() {
    let (endpoint, source) = start().await;
    let (a, b) = (Pair::of(Es256, 0), Pair::of(Es256, 0));
    assert_eq!(source.generation(), None);
    endpoint.publish(&[a.published("a", Es256), b.published("b", Es256)]);
    source.refresh().await.unwrap();
    let generation = source.generation().unwrap();
    endpoint.publish(&[b.published("b", Es256), a.published("a", Es256)]);
    pass(60 * SECOND).await;
    source.refresh().await.unwrap();
    assert_eq!(source.generation(), Some(generation));
    assert!(source.state().age.unwrap() < 60 * SECOND);
    endpoint.publish(&[a.published("a", Es256)]);
    source.refresh().await.unwrap();
    assert_ne!(source.generation(), Some(generation));
}

#[tokio::test]
async fn several_keys_for_a_token_without_kid_cause_no_fetch() {
    let (endpoint, source) = start().await;
    let keys = ["a", "b"].map(|kid| Pair::of(Es256, 0).published(kid, Es256));
    endpoint.publish(&keys);
    source.refresh().await.unwrap();
    assert!(matches!(source.key(Es256, None).await, Err(KeyError::Several)));
    assert_eq!(endpoint.hits(), 1);
    endpoint.publish(&keys[..1]);
    source.refresh().await.unwrap();
    assert!(source.key(Es256, None).await.is_ok());
}

#[tokio::test]
async fn by_the_rule_of_jose_a_new_kid_waits_for_thirty_seconds_after_any_fetch() {
    let endpoint = Endpoint::start(&[Pair::of(Es256, 0).published("known", Es256)]).await;
    let source = endpoint.source(&original());
    assert!(source.key(Es256, Some("known")).await.is_ok());
    endpoint.publish(&[Pair::of(Es256, 0).published("new", Es256)]);
    assert!(matches!(at_once(&source, "new"), Some(Err(KeyError::NoMatch))));
    pass(30 * SECOND).await;
    assert!(at_once(&source, "known").unwrap().is_ok());
    assert!(source.key(Es256, Some("new")).await.is_ok());
    assert!(matches!(at_once(&source, "known"), Some(Err(KeyError::NoMatch))));
    assert_eq!(endpoint.hits(), 2);
    for hits in 3..6 {
        pass(30 * SECOND).await; // no memory of ids: each may ask once the time has come
        assert!(matches!(source.key(Es256, Some("known")).await, Err(KeyError::NoMatch)));
        assert_eq!(endpoint.hits(), hits);
    }
}

#[tokio::test]
async fn an_unknown_kid_as_the_very_first_causes_one_fetch_by_the_rule_of_jose() {
    let endpoint = Endpoint::start(&[Pair::of(Es256, 0).published("known", Es256)]).await;
    let source = endpoint.source(&original());
    for _ in 0..2 {
        assert!(matches!(source.key(Es256, Some("zz")).await, Err(KeyError::NoMatch)));
        assert_eq!(endpoint.hits(), 1);
    }
}

#[tokio::test]
async fn a_bad_key_is_named_once_and_a_new_set_is_told_of() {
    let (endpoint, source) = start().await;
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let reporter: Arc<Reporter> =
        Arc::new(move |level, text| tell.send(format!("{level} {text}")).unwrap());
    source.report_to(&reporter);
    let good = Pair::of(Es256, 0).published("good", Es256);
    let bad = json!({"kty": "RSA", "kid": "bad\n", "n": "!!!", "e": "AQAB"});
    endpoint.publish(&[good.clone(), bad.clone()]);
    source.refresh().await.unwrap();
    source.refresh().await.unwrap();
    let about = format!("[JwksSource] {}", endpoint.uri);
    assert_eq!(source.state().skipped, 1);
    let new = Pair::of(Es256, 0).published("new", Es256);
    endpoint.publish(&[good, new]);
    source.refresh().await.unwrap();
    for line in [
        format!(r"WARNING {about}: key `bad\n` is skipped: `n` is not base64url"),
        format!("INFORMATION {about}: 1 key(s): `good`"),
        format!("INFORMATION {about}: 2 key(s): `good` `new`"),
    ] {
        assert_eq!(told.recv().await.unwrap(), line);
    }
}

#[tokio::test]
async fn the_state_tells_what_there_is() {
    let (endpoint, source) = start().await;
    let state = source.state();
    assert_eq!((state.status, state.is_ready(), state.age), (JwksStatus::Missing, false, None));
    source.refresh().await.unwrap();
    pass(60 * SECOND).await;
    let state = source.state();
    assert_eq!((state.status, state.is_ready(), state.keys), (JwksStatus::Fresh, true, 1));
    assert!(state.age.unwrap() >= 60 * SECOND);
    endpoint.status(503);
    source.refresh().await.unwrap_err();
    let state = source.state();
    assert_eq!((state.status, state.consecutive_failures), (JwksStatus::Fresh, 1));
    assert_eq!(state.last_error.unwrap(), "the key endpoint answered 503 instead of 200");
    pass(600 * SECOND).await;
    assert_eq!(source.state().status, JwksStatus::Stale);
    pass(3600 * SECOND).await;
    assert_eq!((source.state().status, source.state().is_ready()), (JwksStatus::Expired, false));
    endpoint.publish(&[]);
    source.refresh().await.unwrap();
    let state = source.state();
    assert_eq!(
        (state.status, state.is_ready(), state.last_error),
        (JwksStatus::Empty, false, None)
    );
}

#[test]
fn one_uri_and_options_is_one_source() {
    let (uri, options) = ("http://127.0.0.1:9/shared", JwksOptions::default());
    let source = JwksSource::shared(uri, &options).unwrap();
    assert!(Arc::ptr_eq(&source, &JwksSource::shared(uri, &options.clone()).unwrap()));
    let client = JwksClient::from(reqwest::Client::new());
    let other = JwksOptions { client: Some(client.clone()), ..options.clone() };
    let custom = JwksSource::shared(uri, &other).unwrap();
    assert!(Arc::ptr_eq(&custom, &JwksSource::shared(uri, &other.clone()).unwrap()));
    for options in [
        JwksOptions { max_age: SECOND, ..options.clone() },
        JwksOptions { client: Some(reqwest::Client::new().into()), ..options.clone() },
        other,
    ] {
        assert!(!Arc::ptr_eq(&source, &JwksSource::shared(uri, &options).unwrap()));
    }
    assert!(!Arc::ptr_eq(&source, &JwksSource::shared("http://127.0.0.1:9/b", &options).unwrap()));
}

#[test]
fn outside_a_runtime_no_key_can_be_had_and_nothing_panics() {
    let source = JwksSource::shared("http://127.0.0.1:9/none", &JwksOptions::default()).unwrap();
    let answer = at_once(&source, "known").unwrap();
    assert!(matches!(answer, Err(KeyError::Unavailable { .. })));
}
