//! When keys may be used, and when the endpoint may be asked. Pure: the clock and the dice are given.

use std::time::Duration;

use tokio::time::Instant;

use super::{CooldownFrom, JwksOptions, RetryPause};

/// No third attempt within this time while the endpoint fails, however short the pauses are: a small
/// first pause gets over a hiccup, and the endpoint that is down is still left alone.
const BURST: Duration = Duration::from_secs(12);

/// The rules, from the options.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    max_age: Duration,
    max_stale: Duration,
    unknown_kid: Duration,
    bad_signature: Duration,
    cooldown_from: CooldownFrom,
    retry_pause: RetryPause,
}

/// What keys of some age are good for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Standing {
    Fresh,
    /// Past the age limit, and nobody has tried yet whether there are newer ones.
    Due,
    /// Past the age limit, and the endpoint fails.
    Stale,
    Expired,
}

/// Why somebody wants a fetch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Cause {
    /// There are no keys, or they are getting old.
    Age,
    UnknownKid,
    BadSignature,
    /// Somebody who is in charge says so.
    Asked,
}

/// What happened so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct History {
    succeeded: Option<Instant>,
    attempted: Option<Instant>,
    attempted_before: Option<Instant>,
    unknown_kid: Option<Instant>,
    rest_until: Option<Instant>,
    failures: u32,
}

impl Policy {
    pub(crate) fn new(options: &JwksOptions) -> Self {
        Self {
            max_age: options.max_age,
            max_stale: options.max_stale,
            unknown_kid: options.unknown_kid_cooldown,
            bad_signature: options.bad_signature_cooldown,
            cooldown_from: options.cooldown_from,
            retry_pause: options.retry_pause,
        }
    }

    /// What keys of this age are good for.
    ///
    /// Stale keys serve on failure only. Keys that merely were not needed for a while are fetched
    /// anew first, so that a key withdrawn meanwhile is not honoured.
    pub(crate) fn standing(&self, age: Duration, failing: bool) -> Standing {
        if age < self.max_age {
            Standing::Fresh
        } else if age >= self.max_age.saturating_add(self.max_stale) {
            Standing::Expired
        } else if failing {
            Standing::Stale
        } else {
            Standing::Due
        }
    }

    /// The age from which keys are fetched in the background.
    pub(crate) fn refresh_ahead(&self) -> Duration {
        self.max_age / 5 * 4
    }

    /// Whether the endpoint may be asked now.
    pub(crate) fn may_fetch(&self, cause: Cause, history: &History, now: Instant) -> bool {
        let rested = |since: Option<Instant>, pause| {
            since.is_none_or(|since| now.saturating_duration_since(since) >= pause)
        };
        if cause != Cause::Asked && history.rest_until.is_some_and(|end| now < end) {
            return false;
        }
        match (cause, self.cooldown_from) {
            (Cause::Age | Cause::Asked, _) => true,
            (Cause::UnknownKid, CooldownFrom::LastUnknownKid) => {
                rested(history.unknown_kid, self.unknown_kid)
            }
            (Cause::UnknownKid, CooldownFrom::AnyFetch) => {
                rested(history.succeeded, self.unknown_kid)
            }
            (Cause::BadSignature, _) => rested(history.attempted, self.bad_signature),
        }
    }

    /// Whether ids that the set turned out not to hold are remembered. jose's rule knows no memory.
    pub(crate) fn remembers_unknown_kids(&self) -> bool {
        self.cooldown_from == CooldownFrom::LastUnknownKid
    }

    /// Notes a failed attempt; `chance` is from 0 to 1. Returns when to look again at the earliest,
    /// if that does not depend on the keys' age.
    pub(crate) fn failed(
        &self,
        history: &mut History,
        now: Instant,
        chance: f64,
    ) -> Option<Instant> {
        history.attempt(now);
        history.failures = history.failures.saturating_add(1);
        history.rest_until = match self.retry_pause {
            RetryPause::None => None,
            RetryPause::Doubling { first, max } => {
                let max = max.min(Duration::from_secs(24 * 60 * 60)); // what a clock can add
                let doubled = first.saturating_mul(1 << (history.failures - 1).min(16)).min(max);
                let pause = doubled.mul_f64(0.75 + chance / 2.0).min(max);
                let burst = history.attempted_before.filter(|_| history.failures > 1);
                let rest = now + pause;
                Some(burst.map_or(rest, |before| rest.max(before + BURST)))
            }
        };
        history.rest_until
    }
}

impl History {
    /// Notes that a fetch begins. One that an unknown id causes counts from here, however it ends.
    pub(crate) fn started(&mut self, cause: Cause, now: Instant) {
        if cause == Cause::UnknownKid {
            self.unknown_kid = Some(now);
        }
    }

    /// Notes an attempt that brought a key set.
    pub(crate) fn succeeded(&mut self, now: Instant) {
        self.attempt(now);
        (self.succeeded, self.rest_until, self.failures) = (Some(now), None, 0);
    }

    /// Attempts that failed since the last success.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    /// How long the endpoint is still left alone.
    pub(crate) fn rest(&self, now: Instant) -> Duration {
        self.rest_until.map_or(Duration::ZERO, |end| end.saturating_duration_since(now))
    }

    fn attempt(&mut self, now: Instant) {
        (self.attempted_before, self.attempted) = (self.attempted, Some(now));
    }
}
