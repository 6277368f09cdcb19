//! An endpoint that fails: what still works, for how long, and how it ends.

use std::{sync::Arc, time::Duration};

use serde_json::json;

use super::{
    endpoint::{Answer, Endpoint, pass},
    floods::{at_once, original, start},
    minter::Pair,
};
use crate::{
    Algorithm::Es256,
    OidcError,
    jwks::{JwksOptions, JwksSource, JwksStatus, KeyError, Reporter, policy::Cause},
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

async fn key(source: &Arc<JwksSource>) -> Result<(), KeyError> {
    source.key(Es256, Some("known")).await.map(|_| ())
}

fn unavailable(answer: Result<(), KeyError>) -> String {
    match answer {
        Err(KeyError::Unavailable { reason, .. }) => reason.to_string(),
        other => panic!("not an outage: {other:?}"),
    }
}

#[tokio::test]
async fn an_unusable_answer_is_a_failed_refresh_and_the_keys_stay() {
    let (endpoint, source) = start().await;
    source.refresh().await.unwrap();
    let many = json!({"keys": vec![json!({}); 101]}).to_string();
    let large = format!("{{\"keys\":[]{}}}", " ".repeat(1024 * 1024));
    let text = |text: &str| Answer::Text(200, text.to_owned());
    for (answer, reason) in [
        (Answer::Text(500, r#"{"keys":[]}"#.to_owned()), "answered 500 instead of 200"),
        (Answer::Text(404, String::new()), "answered 404"),
        (Answer::Text(201, r#"{"keys":[]}"#.to_owned()), "answered 201"),
        (Answer::Text(304, String::new()), "answered 304"),
        (text("{\"keys\": ["), "no key set"),
        (text("{\"clefs\":[]}"), "no key set"),
        (text("[]"), "no key set"),
        (text(&many), "101 keys, more than 100"),
        (text(&large), "larger than 1048576 bytes"),
        (Answer::Endless, "larger than 1048576 bytes"),
        (Answer::Redirect, "redirects"),
        (Answer::Close, "could not be asked: "),
    ] {
        endpoint.answer(answer);
        let error = source.refresh().await.unwrap_err();
        let OidcError::KeysUnavailable(cause) = &error else { panic!("{error}") };
        assert!(cause.to_string().contains(reason), "{cause}");
        assert!(!cause.to_string().contains("127.0.0.1"), "{cause}");
        assert!(at_once(&source, "known").unwrap().is_ok());
    }
    assert_eq!(endpoint.hits(), 1 + 12);
}

#[tokio::test]
async fn the_time_limit_is_for_the_whole_answer() {
    let (endpoint, source) = start().await;
    endpoint.answer(Answer::Stall);
    let waiting = tokio::spawn({
        let source = Arc::clone(&source);
        async move { key(&source).await }
    });
    endpoint.hit(1).await;
    pass(5 * SECOND).await;
    assert!(unavailable(waiting.await.unwrap()).contains("did not answer within 5s"));
}

#[tokio::test]
async fn a_redirect_that_a_callers_client_follows_is_refused() {
    let endpoint = Endpoint::start(&[]).await;
    endpoint.answer(Answer::Redirect);
    let client = Some(reqwest::Client::new().into());
    let source = endpoint.source(&JwksOptions { client, ..JwksOptions::default() });
    source.refresh().await.unwrap_err();
    assert!(source.state().last_error.is_some());
    assert_eq!(source.state().status, JwksStatus::Missing);
}

#[tokio::test]
async fn keys_are_fetched_in_the_background_before_they_are_old() {
    let (endpoint, source) = start().await;
    source.refresh().await.unwrap();
    pass(8 * MINUTE - SECOND).await;
    assert!(at_once(&source, "known").unwrap().is_ok());
    pass(SECOND).await;
    endpoint.hold();
    assert!(at_once(&source, "known").unwrap().is_ok());
    endpoint.hit(2).await;
    {
        let _locked = source.control(); // not taken by those who pass while the fetch is under way
        assert!(at_once(&source, "known").unwrap().is_ok());
    }
    endpoint.release();
    source.refresh().await.unwrap(); // waits for the fetch that is under way
    assert_eq!(endpoint.hits(), 2);
    pass(7 * MINUTE).await;
    assert!(at_once(&source, "known").unwrap().is_ok());
    assert_eq!(endpoint.hits(), 2);
}

#[tokio::test]
async fn tokens_verified_before_have_keys_fetched_ahead_too() {
    let (endpoint, source) = start().await;
    source.refresh().await.unwrap();
    pass(8 * MINUTE).await;
    assert!(source.generation().is_some());
    endpoint.hit(2).await;
}

#[tokio::test]
async fn known_keys_serve_through_half_an_hour_of_outage_without_waiting() {
    let (endpoint, source) = start().await;
    source.refresh().await.unwrap();
    endpoint.status(500);
    for _ in 0..30 {
        for _ in 0..60 {
            pass(SECOND).await;
            assert!(at_once(&source, "known").unwrap().is_ok());
            assert!(source.generation().is_some());
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(source.state().status, JwksStatus::Stale);
    assert!((3..=60).contains(&endpoint.hits()), "{}", endpoint.hits());
    source.fetched(Cause::Age).await; // what may still be under way
    endpoint.publish(&[Pair::of(Es256, 0).published("known", Es256)]);
    pass(31 * SECOND).await;
    assert!(at_once(&source, "known").unwrap().is_ok());
    let flight = source.control().flight().expect("nobody has tried again");
    assert!(flight.landed(None).await.unwrap().brought_keys);
    assert_eq!(source.state().status, JwksStatus::Fresh);
}

#[tokio::test]
async fn known_keys_serve_through_half_an_hour_in_which_the_endpoint_accepts_and_never_answers() {
    let (endpoint, source) = start().await;
    source.refresh().await.unwrap();
    endpoint.hold();
    for _ in 0..30 * 60 {
        pass(SECOND).await;
        assert!(at_once(&source, "known").unwrap().is_ok());
        tokio::task::yield_now().await;
    }
    assert_eq!(source.state().status, JwksStatus::Stale);
}

#[tokio::test]
async fn past_the_bound_of_stale_use_no_key_serves() {
    let (endpoint, source) = start().await;
    source.refresh().await.unwrap();
    endpoint.status(500);
    pass(69 * MINUTE).await;
    assert!(key(&source).await.is_ok()); // after a fetch that failed
    pass(61 * SECOND).await;
    assert_eq!(source.generation(), None);
    assert!(unavailable(key(&source).await).contains("answered 500"));
    assert_eq!(source.state().status, JwksStatus::Expired);
    endpoint.publish(&[Pair::of(Es256, 0).published("known", Es256)]);
    pass(31 * SECOND).await;
    assert!(key(&source).await.is_ok());
}

#[tokio::test]
async fn a_key_withdrawn_while_nobody_asked_is_not_honoured() {
    let (endpoint, source) = start().await;
    source.refresh().await.unwrap();
    endpoint.publish(&[Pair::of(Es256, 0).published("other", Es256)]);
    pass(11 * MINUTE).await;
    assert_eq!(source.generation(), None); // so that nothing verified before passes either
    assert!(matches!(key(&source).await, Err(KeyError::NoMatch)));
    assert_eq!(endpoint.hits(), 2);
}

#[tokio::test]
async fn keys_that_nobody_needed_past_the_limit_wait_half_a_second_for_an_endpoint_that_hangs() {
    let (endpoint, source) = start().await;
    source.refresh().await.unwrap();
    endpoint.hold();
    pass(11 * MINUTE).await;
    let first = tokio::spawn({
        let source = Arc::clone(&source);
        async move { key(&source).await }
    });
    endpoint.hit(2).await;
    pass(SECOND / 2).await;
    assert!(first.await.unwrap().is_ok());
    assert!(at_once(&source, "known").unwrap().is_ok());
    assert!(at_once(&source, "unknown").is_none());
}

#[tokio::test]
async fn the_source_starts_without_the_service_and_recovers() {
    let (endpoint, source) = start().await;
    endpoint.answer(Answer::Close);
    unavailable(key(&source).await);
    let Some(Err(KeyError::Unavailable { retry_after, .. })) = at_once(&source, "known") else {
        panic!("asked again within the pause");
    };
    assert!(retry_after > Duration::ZERO && retry_after < SECOND, "{retry_after:?}");
    assert_eq!(endpoint.hits(), 1);
    endpoint.publish(&[Pair::of(Es256, 0).published("known", Es256)]);
    pass(SECOND / 2).await;
    assert!(key(&source).await.is_ok());
    assert_eq!(endpoint.hits(), 2);
}

#[tokio::test]
async fn an_unknown_kid_in_an_outage_is_no_bad_token() {
    let (endpoint, source) = start().await;
    source.refresh().await.unwrap();
    endpoint.status(500);
    for _ in 0..2 {
        let answer = source.key(Es256, Some("new")).await.map(|_| ());
        assert!(unavailable(answer).contains("answered 500"));
    }
    assert_eq!(endpoint.hits(), 2);
}

#[tokio::test]
async fn an_empty_set_is_believed_when_it_is_repeated() {
    let (endpoint, source) = start().await;
    source.refresh().await.unwrap();
    endpoint.publish(&[json!({"kty": "AKP"})]);
    source.refresh().await.unwrap_err();
    assert!(at_once(&source, "known").unwrap().is_ok());
    endpoint.publish(&[Pair::of(Es256, 0).published("known", Es256)]);
    source.refresh().await.unwrap();
    endpoint.publish(&[]);
    source.refresh().await.unwrap_err();
    assert!(at_once(&source, "known").unwrap().is_ok());
    source.refresh().await.unwrap();
    assert_eq!(source.state().status, JwksStatus::Empty);
    assert!(matches!(key(&source).await, Err(KeyError::NoMatch)));
}

#[tokio::test]
async fn an_empty_set_is_confirmed_in_the_background() {
    let (endpoint, source) = start().await;
    source.refresh().await.unwrap();
    endpoint.publish(&[]);
    source.refresh().await.unwrap_err();
    pass(SECOND / 2).await;
    assert!(at_once(&source, "known").unwrap().is_ok());
    endpoint.hit(3).await;
    source.refresh().await.unwrap();
    assert_eq!(source.state().status, JwksStatus::Empty);
}

#[tokio::test]
async fn in_the_originals_way_an_empty_set_blocks_for_thirty_seconds() {
    let endpoint = Endpoint::start(&[]).await;
    let source = endpoint.source(&original());
    assert!(matches!(key(&source).await, Err(KeyError::NoMatch)));
    endpoint.publish(&[Pair::of(Es256, 0).published("known", Es256)]);
    assert!(matches!(key(&source).await, Err(KeyError::NoMatch)));
    assert_eq!(endpoint.hits(), 1);
    pass(30 * SECOND).await;
    assert!(key(&source).await.is_ok());
}

#[tokio::test]
async fn in_the_originals_way_each_request_tries_again_and_a_set_outlives_the_next_outage() {
    let endpoint = Endpoint::start(&[]).await;
    let source = endpoint.source(&original());
    endpoint.answer(Answer::Close);
    unavailable(key(&source).await);
    unavailable(key(&source).await);
    assert_eq!(endpoint.hits(), 2);
    endpoint.publish(&[Pair::of(Es256, 0).published("known", Es256)]);
    assert!(key(&source).await.is_ok());
    endpoint.answer(Answer::Close);
    assert!(key(&source).await.is_ok());
    assert_eq!(endpoint.hits(), 3);
    pass(10 * MINUTE).await;
    unavailable(key(&source).await);
}

#[tokio::test]
async fn a_load_fetches_only_if_there_is_nothing() {
    let (endpoint, source) = start().await;
    source.load().await;
    source.load().await;
    assert_eq!(endpoint.hits(), 1);
    assert!(at_once(&source, "known").unwrap().is_ok());
}

#[test]
fn a_fetch_that_ends_with_its_runtime_has_failed_and_the_next_may_try() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let first = runtime();
    let (endpoint, source) = first.block_on(start());
    first.block_on(async {
        endpoint.hold();
        assert!(at_once(&source, "known").is_none());
        endpoint.hit(1).await;
    });
    drop(first);
    assert_eq!(source.state().last_error.as_deref(), Some("the fetch was cut off"));
    runtime().block_on(async {
        pass(SECOND / 2).await;
        assert!(unavailable(key(&source).await).contains("could not be asked")); // the endpoint is gone too
    });
}

#[tokio::test]
async fn a_row_of_failures_is_told_a_few_times_and_its_end_once() {
    let (endpoint, source) = start().await;
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let reporter: Arc<Reporter> =
        Arc::new(move |level, text| tell.send(format!("{level} {text}")).unwrap());
    source.report_to(&reporter);
    endpoint.status(500);
    for _ in 0..10 {
        source.refresh().await.unwrap_err();
    }
    endpoint.status(404);
    source.refresh().await.unwrap_err();
    endpoint.publish(&[Pair::of(Es256, 0).published("known", Es256)]);
    source.refresh().await.unwrap();
    endpoint.status(500);
    source.refresh().await.unwrap_err();
    let about = format!("[JwksSource] {}", endpoint.uri);
    let failed = |attempt, status| {
        format!(
            "ERROR {about}: attempt {attempt} failed: the key endpoint answered {status} instead of \
             200; no token can be verified"
        )
    };
    for line in [
        failed(1, 500),
        failed(2, 500),
        failed(4, 500),
        failed(8, 500),
        failed(11, 404),
        format!("NOTIFICATION {about}: keys were fetched again, after 11 failure(s)"),
        format!("INFORMATION {about}: 1 key(s): `known`"),
        format!(
            "WARNING {about}: attempt 1 failed: the key endpoint answered 500 instead of 200; the \
             keys there are stay in use"
        ),
    ] {
        assert_eq!(told.recv().await.unwrap(), line);
    }
}
