//! The rules by themselves: no network, no clock.

use std::time::Duration;

use tokio::time::Instant;

use crate::jwks::{
    CooldownFrom, JwksOptions, RetryPause,
    policy::{Cause, History, Policy, Standing},
};

const SECOND: Duration = Duration::from_secs(1);

fn policy() -> Policy {
    Policy::new(&JwksOptions::default())
}

fn original() -> Policy {
    Policy::new(&JwksOptions {
        cooldown_from: CooldownFrom::AnyFetch,
        retry_pause: RetryPause::None,
        ..JwksOptions::default()
    })
}

#[test]
fn keys_are_fresh_up_to_the_age_limit() {
    for failing in [false, true] {
        assert_eq!(policy().standing(Duration::ZERO, failing), Standing::Fresh);
        assert_eq!(policy().standing(599 * SECOND, failing), Standing::Fresh);
    }
}

#[test]
fn keys_past_the_limit_serve_only_while_the_endpoint_fails() {
    assert_eq!(policy().standing(600 * SECOND, false), Standing::Due);
    assert_eq!(policy().standing(600 * SECOND, true), Standing::Stale);
    assert_eq!(policy().standing(4199 * SECOND, true), Standing::Stale);
}

#[test]
fn keys_past_the_bound_of_stale_use_never_serve() {
    for failing in [false, true] {
        assert_eq!(policy().standing(4200 * SECOND, failing), Standing::Expired);
    }
    let options = JwksOptions { max_stale: Duration::ZERO, ..JwksOptions::default() };
    assert_eq!(Policy::new(&options).standing(600 * SECOND, true), Standing::Expired);
    let options = JwksOptions { max_stale: Duration::MAX, ..JwksOptions::default() };
    assert_eq!(Policy::new(&options).standing(Duration::MAX / 2, true), Standing::Stale);
}

#[test]
fn an_unknown_kid_may_cause_a_fetch_right_after_a_regular_one_and_then_once_per_cooldown() {
    let (policy, mut history, start) = (policy(), History::default(), Instant::now());
    history.started(Cause::Age, start);
    history.succeeded(start);
    assert!(policy.may_fetch(Cause::UnknownKid, &history, start));
    history.started(Cause::UnknownKid, start);
    history.succeeded(start + SECOND);
    assert!(!policy.may_fetch(Cause::UnknownKid, &history, start + 29 * SECOND));
    assert!(policy.may_fetch(Cause::UnknownKid, &history, start + 30 * SECOND));
}

#[test]
fn a_failed_fetch_of_an_unknown_kid_counts_as_well() {
    let (policy, mut history, start) = (policy(), History::default(), Instant::now());
    history.succeeded(start);
    history.started(Cause::UnknownKid, start);
    policy.failed(&mut history, start, 0.5);
    assert!(policy.may_fetch(Cause::Age, &history, start + SECOND));
    assert!(!policy.may_fetch(Cause::UnknownKid, &history, start + 29 * SECOND));
    assert!(policy.may_fetch(Cause::UnknownKid, &history, start + 30 * SECOND));
}

#[test]
fn by_the_rule_of_jose_any_success_counts_and_no_failure() {
    let (policy, mut history, start) = (original(), History::default(), Instant::now());
    history.succeeded(start);
    assert!(!policy.may_fetch(Cause::UnknownKid, &history, start + 29 * SECOND));
    let later = start + 30 * SECOND;
    for _ in 0..10 {
        assert!(policy.may_fetch(Cause::UnknownKid, &history, later));
        history.started(Cause::UnknownKid, later);
        policy.failed(&mut history, later, 0.5);
    }
    history.succeeded(later);
    assert!(!policy.may_fetch(Cause::UnknownKid, &history, later));
}

#[test]
fn a_bad_signature_may_cause_a_fetch_five_minutes_after_the_last_of_any_kind() {
    let (policy, mut history, start) = (policy(), History::default(), Instant::now());
    history.succeeded(start);
    assert!(!policy.may_fetch(Cause::BadSignature, &history, start + 299 * SECOND));
    assert!(policy.may_fetch(Cause::BadSignature, &history, start + 300 * SECOND));
    policy.failed(&mut history, start + 300 * SECOND, 0.5);
    assert!(!policy.may_fetch(Cause::BadSignature, &history, start + 599 * SECOND));
}

#[test]
fn the_pause_after_failures_starts_small_doubles_and_ends() {
    let (policy, mut history, mut now) = (policy(), History::default(), Instant::now());
    let start = now;
    let mut attempts = Vec::new();
    for _ in 0..12 {
        attempts.push(now.duration_since(start));
        now = policy.failed(&mut history, now, 0.5).unwrap();
        for cause in [Cause::Age, Cause::UnknownKid, Cause::BadSignature] {
            assert!(
                !policy.may_fetch(cause, &history, now - Duration::from_millis(1)),
                "{cause:?}"
            );
        }
        assert!(policy.may_fetch(Cause::Age, &history, now));
        assert_eq!(history.rest(now), Duration::ZERO);
    }
    assert_eq!(attempts[1], Duration::from_millis(250));
    assert!(attempts.windows(3).all(|three| three[2] - three[0] >= 12 * SECOND), "{attempts:?}");
    assert_eq!(attempts[11] - attempts[10], 30 * SECOND, "{attempts:?}");
    history.succeeded(now);
    assert!(policy.may_fetch(Cause::Age, &history, now));
    let again = policy.failed(&mut history, now, 0.5).unwrap();
    assert_eq!(again - now, Duration::from_millis(250));
}

#[test]
fn chance_moves_the_pause_by_a_quarter_and_not_past_the_longest() {
    let pause = |chance, failures| {
        let (mut history, now) = (History::default(), Instant::now());
        (0..failures).fold(now, |_, _| policy().failed(&mut history, now, chance).unwrap()) - now
    };
    assert_eq!(pause(0.0, 1), Duration::from_micros(187_500));
    assert_eq!(pause(1.0, 1), Duration::from_micros(312_500));
    assert_eq!(pause(1.0, 20), 30 * SECOND);
}

#[test]
fn without_a_pause_each_request_may_try_again() {
    let (policy, mut history, now) = (original(), History::default(), Instant::now());
    for _ in 0..100 {
        assert_eq!(policy.failed(&mut history, now, 0.5), None);
        assert!(policy.may_fetch(Cause::Age, &history, now));
    }
}

#[test]
fn no_setting_overflows_the_clock() {
    let endless = RetryPause::Doubling { first: Duration::MAX, max: Duration::MAX };
    let options =
        JwksOptions { retry_pause: endless, max_age: Duration::MAX, ..JwksOptions::default() };
    let (policy, mut history, now) = (Policy::new(&options), History::default(), Instant::now());
    assert!(policy.failed(&mut history, now, 1.0).unwrap() > now);
    assert_eq!(policy.standing(Duration::from_secs(u64::MAX), true), Standing::Fresh);
}
