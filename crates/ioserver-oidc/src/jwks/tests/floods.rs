//! Many requests: how few fetches they cause, and whom they do not hold up.

use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use tokio::task::JoinSet;

use super::{
    endpoint::{Endpoint, pass},
    minter::Pair,
};
use crate::{
    Algorithm::Es256,
    jwks::{CooldownFrom, FoundKey, JwksOptions, JwksSource, KeyError, RetryPause},
};

const SECOND: Duration = Duration::from_secs(1);

pub(super) async fn start() -> (Endpoint, Arc<JwksSource>) {
    let endpoint = Endpoint::start(&[Pair::of(Es256, 0).published("known", Es256)]).await;
    let source = endpoint.source(&JwksOptions::default());
    (endpoint, source)
}

/// What a look-up answers without being woken once: nothing, if it has to wait.
pub(super) fn at_once(source: &Arc<JwksSource>, kid: &str) -> Option<Result<FoundKey, KeyError>> {
    let look_up = pin!(source.key(Es256, Some(kid)));
    match look_up.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    }
}

pub(super) fn original() -> JwksOptions {
    JwksOptions {
        max_stale: Duration::ZERO,
        cooldown_from: CooldownFrom::AnyFetch,
        retry_pause: RetryPause::None,
        ..JwksOptions::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_cold_requests_cause_one_fetch() {
    let (endpoint, source) = start().await;
    endpoint.hold();
    let mut requests = JoinSet::new();
    for _ in 0..200 {
        let source = Arc::clone(&source);
        requests.spawn(async move { source.key(Es256, Some("known")).await.is_ok() });
    }
    endpoint.hit(1).await;
    endpoint.release();
    assert_eq!(requests.join_all().await, [true; 200]);
    assert_eq!(endpoint.hits(), 1);
}

#[tokio::test]
async fn a_known_key_is_found_without_lock_or_wait() {
    let (_endpoint, source) = start().await;
    source.refresh().await.unwrap();
    let generation = {
        let _locked = source.control();
        assert!(at_once(&source, "known").unwrap().is_ok());
        source.generation()
    };
    assert_eq!(generation, Some(source.key(Es256, Some("known")).await.unwrap().generation()));
}

/// A thousand tokens with made-up ids in ten seconds.
async fn flood(source: &Arc<JwksSource>) {
    for number in 0..1000 {
        let error = source.key(Es256, Some(&format!("made-up-{number}"))).await.unwrap_err();
        assert!(!matches!(error, KeyError::Several));
        if number % 100 == 0 {
            pass(SECOND).await;
        }
    }
}

#[tokio::test]
async fn a_thousand_made_up_ids_in_ten_seconds_cause_two_fetches_when_cold() {
    let (endpoint, source) = start().await;
    flood(&source).await;
    assert_eq!(endpoint.hits(), 2);
}

#[tokio::test]
async fn a_thousand_made_up_ids_in_ten_seconds_cause_one_fetch_when_warm() {
    let (endpoint, source) = start().await;
    source.refresh().await.unwrap();
    flood(&source).await;
    assert_eq!(endpoint.hits(), 1 + 1);
}

#[tokio::test]
async fn a_thousand_made_up_ids_cause_no_more_while_the_endpoint_answers_500() {
    let (endpoint, source) = start().await;
    endpoint.status(500);
    flood(&source).await;
    assert_eq!(endpoint.hits(), 2);
    let (endpoint, source) = start().await;
    source.refresh().await.unwrap();
    endpoint.status(500);
    flood(&source).await;
    assert_eq!(endpoint.hits(), 1 + 1);
}

#[tokio::test]
async fn known_and_made_up_ids_together_cause_no_more_while_the_endpoint_fails() {
    let (endpoint, source) = start().await;
    source.refresh().await.unwrap();
    endpoint.status(500);
    for number in 0..1000 {
        assert!(at_once(&source, "known").unwrap().is_ok());
        let _ = source.key(Es256, Some(&format!("made-up-{number}"))).await;
        if number % 100 == 0 {
            pass(SECOND).await;
        }
    }
    assert_eq!(endpoint.hits(), 1 + 2);
}

#[tokio::test]
async fn a_flood_does_not_hold_up_known_keys_while_the_endpoint_hangs() {
    let (endpoint, source) = start().await;
    source.refresh().await.unwrap();
    endpoint.hold();
    let mut strangers = JoinSet::new();
    for number in 0..100 {
        let source = Arc::clone(&source);
        strangers
            .spawn(async move { source.key(Es256, Some(&format!("{number}"))).await.map(|_| ()) });
    }
    endpoint.hit(2).await;
    assert!(at_once(&source, "known").unwrap().is_ok());
    assert!(at_once(&source, "stranger").is_none());
    pass(5 * SECOND).await; // the time limit of the fetch
    for answer in strangers.join_all().await {
        assert!(matches!(answer, Err(KeyError::Unavailable { .. })));
    }
    assert_eq!(endpoint.hits(), 2);
}

#[tokio::test]
async fn bad_signatures_cause_one_fetch_in_five_minutes() {
    let (endpoint, source) = start().await;
    let key = source.key(Es256, Some("known")).await.unwrap();
    for _ in 0..100 {
        assert!(source.replacement(Es256, Some("known"), &key).await.is_none());
        pass(SECOND).await;
    }
    assert_eq!(endpoint.hits(), 1);
    pass(200 * SECOND).await;
    for _ in 0..100 {
        assert!(source.replacement(Es256, Some("known"), &key).await.is_none());
        pass(SECOND).await;
    }
    assert_eq!(endpoint.hits(), 2);
}

#[tokio::test]
async fn a_client_that_hangs_up_does_not_end_the_fetch() {
    let (endpoint, source) = start().await;
    endpoint.hold();
    let impatient = tokio::spawn({
        let source = Arc::clone(&source);
        async move { source.key(Es256, Some("known")).await.is_ok() }
    });
    endpoint.hit(1).await;
    impatient.abort();
    assert!(impatient.await.unwrap_err().is_cancelled());
    endpoint.release();
    assert!(source.key(Es256, Some("known")).await.is_ok());
    assert_eq!(endpoint.hits(), 1);
}

#[tokio::test]
async fn an_old_token_sent_again_and_again_leaves_the_fetch_to_the_first_new_one() {
    let (endpoint, source) = start().await;
    source.refresh().await.unwrap();
    assert!(source.key(Es256, Some("old")).await.is_err()); // found missing: remembered for 30 s
    pass(30 * SECOND).await;
    assert!(source.key(Es256, Some("old")).await.is_err()); // and now for 60 s
    assert_eq!(endpoint.hits(), 3);
    pass(31 * SECOND).await;
    assert!(matches!(at_once(&source, "old"), Some(Err(KeyError::NoMatch))));
    endpoint.publish(&[Pair::of(Es256, 0).published("new", Es256)]);
    assert!(source.key(Es256, Some("new")).await.is_ok());
    assert_eq!(endpoint.hits(), 4);
}
