//! Which key a token was signed with: at once if it is there, else after a fetch that is allowed.

use std::{
    sync::{Arc, MutexGuard},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    JwksSource, Snapshot,
    flight::{Control, End, Flight},
    policy::{Cause, Standing},
    set::{KeySet, Miss},
};
use crate::Algorithm;

/// How long a fetch may be under way before keys past the age limit serve without it.
const PATIENCE: Duration = Duration::from_millis(500);

/// A key that fits a token's header.
#[derive(Clone, Debug)]
pub(crate) struct FoundKey {
    set: Arc<KeySet>,
    index: usize,
}

impl FoundKey {
    /// Whether the signature is the key's, over the message and under the algorithm.
    pub(crate) fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.set.key(self.index).verify(algorithm, message, signature)
    }

    /// The generation of the set that the key is from.
    pub(crate) fn generation(&self) -> u64 {
        self.set.generation()
    }

    fn is_same(&self, other: &Self) -> bool {
        self.set.key(self.index).digest() == other.set.key(other.index).digest()
    }
}

/// Why there is no key for a token.
#[derive(Clone, Debug)]
pub(crate) enum KeyError {
    /// Nobody can tell, since the keys cannot be fetched: the token may be fine. `retry_after` is
    /// how long the endpoint is left alone, which may be nothing.
    Unavailable { reason: Arc<str>, retry_after: Duration },
    /// No key of the set fits.
    NoMatch,
    /// More than one key fits, so that none was meant.
    Several,
}

/// What a token's header says about the key.
#[derive(Clone, Copy)]
struct Header<'a> {
    algorithm: Algorithm,
    kid: Option<&'a str>,
}

type Answer = Result<FoundKey, KeyError>;

enum Step {
    Answer(Answer),
    Wait(Flight, Option<Instant>),
}

impl JwksSource {
    /// The key for a token's header. Takes no lock and waits for nothing if a usable set has it.
    ///
    /// Without `kid` only a key that alone fits; with it, only one key of that id (RFC 7515 section
    /// 4.1.4 leaves the choice to us, and the original refuses as well).
    pub(crate) async fn key(self: &Arc<Self>, algorithm: Algorithm, kid: Option<&str>) -> Answer {
        let (header, arrived) = (Header { algorithm, kid }, Instant::now());
        if let Some(answer) = self.known(header, arrived) {
            return answer;
        }
        let mut waited = None;
        loop {
            match self.step(header, arrived, waited) {
                Step::Answer(answer) => return answer,
                Step::Wait(flight, deadline) => waited = flight.landed(deadline).await,
            }
        }
    }

    /// After a bad signature: the key that now stands where `tried` stood, if it is another one.
    ///
    /// Asks the endpoint if that is allowed: keys replaced under the same id are noticed by this
    /// alone before they are old.
    pub(crate) async fn replacement(
        self: &Arc<Self>,
        algorithm: Algorithm,
        kid: Option<&str>,
        tried: &FoundKey,
    ) -> Option<FoundKey> {
        let header = Header { algorithm, kid };
        let other = || self.known(header, Instant::now())?.ok().filter(|key| !key.is_same(tried));
        if let Some(key) = other() {
            return Some(key);
        }
        self.fetched(Cause::BadSignature).await;
        other()
    }

    /// Has keys fetched if there are none at all, and waits for that. For a token whose header asks
    /// for nothing that could be looked up: the original fetches before it finds that out.
    pub(crate) async fn load(self: &Arc<Self>) {
        if self.usable(&self.snapshot.load(), Instant::now()).is_none() {
            self.fetched(Cause::Age).await;
        }
    }

    /// The generation of the keys that may be used right now; none if they must be fetched first.
    /// Takes no lock. For tokens that were verified before.
    pub(crate) fn generation(self: &Arc<Self>) -> Option<u64> {
        let now = Instant::now();
        let generation = self.usable(&self.snapshot.load(), now)?.set.generation();
        self.look_ahead(now);
        Some(generation)
    }

    /// The snapshot, if it may be used without further ado. Borrowed: no count that all threads share
    /// is touched before there is a key to keep.
    fn usable<'a>(
        &self,
        snapshot: &'a Option<Arc<Snapshot>>,
        now: Instant,
    ) -> Option<&'a Snapshot> {
        let snapshot = snapshot.as_deref()?;
        let usable = matches!(self.standing(snapshot, now), Standing::Fresh | Standing::Stale);
        usable.then_some(snapshot)
    }

    fn known(self: &Arc<Self>, header: Header<'_>, now: Instant) -> Option<Answer> {
        let snapshot = self.snapshot.load();
        let answer = self.usable(&snapshot, now)?.answer(header)?;
        self.look_ahead(now); // only here: made-up ids cause nothing in the background
        Some(answer)
    }

    /// Joins the fetch that is under way, or starts one if it may be, and waits for it.
    pub(crate) async fn fetched(self: &Arc<Self>, cause: Cause) -> Option<End> {
        let flight = {
            let (control, now) = (self.control(), Instant::now());
            self.board(control, cause, now)
        };
        flight?.landed(None).await
    }

    fn board(
        self: &Arc<Self>,
        control: MutexGuard<'_, Control>,
        cause: Cause,
        now: Instant,
    ) -> Option<Flight> {
        match control.flight() {
            Some(flight) => Some(flight),
            None if self.policy.may_fetch(cause, &control.history, now) => {
                self.depart(control, cause, now)
            }
            None => None,
        }
    }

    /// What to do next for a token whose key is not known, after `waited` if that was tried.
    fn step(self: &Arc<Self>, header: Header<'_>, arrived: Instant, waited: Option<End>) -> Step {
        let mut control = self.control();
        let now = Instant::now();
        let snapshot = self.snapshot.load_full();
        let standing = snapshot.as_ref().map_or(Standing::Expired, |one| self.standing(one, now));
        let known = || snapshot.as_ref().and_then(|snapshot| snapshot.answer(header));
        // A set that came after the token did is the last word on it, however short its age limit.
        let last_word = waited.is_some_and(|end| end.brought_keys && end.started >= arrived);
        let usable = last_word || matches!(standing, Standing::Fresh | Standing::Stale);
        if let Some(answer) = known().filter(|_| usable) {
            return Step::Answer(answer);
        }
        if last_word {
            self.remember(&mut control, header, now);
            return Step::Answer(Err(KeyError::NoMatch));
        }
        if waited.is_some_and(|end| !end.brought_keys) {
            return Step::Answer(Err(self.unavailable(&control, now)));
        }
        if usable && control.absent.holds(header.algorithm, header.kid, now) {
            return Step::Answer(Err(KeyError::NoMatch));
        }
        let cause = if usable { Cause::UnknownKid } else { Cause::Age };
        let refused = match cause {
            Cause::UnknownKid if !self.is_failing() => KeyError::NoMatch,
            _ => self.unavailable(&control, now),
        };
        let Some(flight) = self.board(control, cause, now) else {
            return Step::Answer(Err(refused));
        };
        let deadline = flight.started + PATIENCE;
        match known().filter(|_| standing == Standing::Due) {
            Some(answer) if now >= deadline => Step::Answer(answer),
            Some(_) => Step::Wait(flight, Some(deadline)),
            None => Step::Wait(flight, None),
        }
    }

    fn remember(&self, control: &mut Control, header: Header<'_>, now: Instant) {
        if self.policy.remembers_unknown_kids() {
            let (first, longest) = (self.options.unknown_kid_cooldown, self.options.max_age);
            control.absent.add((header.algorithm, header.kid), first, longest, now);
        }
    }

    fn unavailable(&self, control: &Control, now: Instant) -> KeyError {
        KeyError::Unavailable { reason: control.reason(), retry_after: control.history.rest(now) }
    }
}

impl Snapshot {
    /// The key or that several fit; none if none does, which a newer set may change.
    fn answer(&self, header: Header<'_>) -> Option<Answer> {
        match self.set.find(header.algorithm, header.kid) {
            Ok(index) => Some(Ok(FoundKey { set: Arc::clone(&self.set), index })),
            Err(Miss::Several) => Some(Err(KeyError::Several)),
            Err(Miss::NoMatch) => None,
        }
    }
}
