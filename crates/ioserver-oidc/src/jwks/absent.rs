//! Key ids that the endpoint turned out not to know.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use tokio::time::Instant;

use crate::Algorithm;

const BUCKETS: usize = 128;
const WAYS: usize = 4;

/// Remembers ids that are not in the set, so that a client which keeps sending an old token does not
/// use up the fetches that the first token after a rotation needs.
///
/// An id is forgotten after one cooldown, the next time after two, and so on up to the age limit:
/// one that is published late is found as well.
///
/// The memory is fixed (28 KiB). An entry that still counts is never given up for another, so a
/// flood of made-up ids cannot push out the ids of real clients; what finds no room is only not
/// remembered, and the cooldown holds for it as for all. The hash is keyed: nobody outside can
/// choose ids that meet in one bucket.
#[derive(Debug)]
pub(crate) struct Absent {
    entries: Box<[[Option<Entry>; WAYS]; BUCKETS]>,
    hasher: RandomState,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    hash: u64,
    until: Instant,
    pause: Duration,
    kept: Instant, // until when the pause is remembered, to be doubled
}

impl Default for Absent {
    fn default() -> Self {
        Self { entries: Box::new([[None; WAYS]; BUCKETS]), hasher: RandomState::new() }
    }
}

impl Absent {
    /// Whether the id was found missing a short while ago.
    pub(crate) fn holds(&self, algorithm: Algorithm, kid: Option<&str>, now: Instant) -> bool {
        let hash = self.hasher.hash_one((algorithm, kid));
        self.entries[bucket(hash)]
            .iter()
            .flatten()
            .any(|entry| entry.hash == hash && now < entry.until)
    }

    /// Remembers that a fetch did not bring the id.
    pub(crate) fn add(
        &mut self,
        (algorithm, kid): (Algorithm, Option<&str>),
        first: Duration,
        longest: Duration,
        now: Instant,
    ) {
        let longest = longest.min(Duration::from_secs(24 * 60 * 60)); // what a clock can add
        let hash = self.hasher.hash_one((algorithm, kid));
        let ways = &mut self.entries[bucket(hash)];
        let known = ways.iter().position(|way| way.is_some_and(|entry| entry.hash == hash));
        let free = || ways.iter().position(|way| way.is_none_or(|entry| now >= entry.kept));
        let Some(way) = known.or_else(free) else { return };
        let pause = match ways[way] {
            Some(entry) if entry.hash == hash && now < entry.until => return,
            Some(entry) if entry.hash == hash && now < entry.kept => (entry.pause * 2).min(longest),
            _ => first.min(longest),
        };
        let until = now + pause;
        ways[way] = Some(Entry { hash, until, pause, kept: until + pause });
    }
}

fn bucket(hash: u64) -> usize {
    hash as usize % BUCKETS
}

#[cfg(test)]
mod tests {
    use super::*;

    const COOLDOWN: Duration = Duration::from_secs(30);
    const LONGEST: Duration = Duration::from_secs(600);

    fn add(absent: &mut Absent, kid: &str, now: Instant) {
        absent.add((Algorithm::Rs256, Some(kid)), COOLDOWN, LONGEST, now);
    }

    fn holds(absent: &Absent, kid: &str, now: Instant) -> bool {
        absent.holds(Algorithm::Rs256, Some(kid), now)
    }

    #[test]
    fn an_id_is_remembered_for_twice_as_long_each_time_up_to_the_limit() {
        let (mut absent, mut now) = (Absent::default(), Instant::now());
        for seconds in [30, 60, 120, 240, 480, 600, 600] {
            add(&mut absent, "old", now);
            now += Duration::from_secs(seconds);
            assert!(holds(&absent, "old", now - Duration::from_millis(1)), "{seconds}");
            assert!(!holds(&absent, "old", now), "{seconds}");
        }
    }

    #[test]
    fn an_id_and_its_algorithm_are_remembered_together() {
        let (mut absent, now) = (Absent::default(), Instant::now());
        add(&mut absent, "a", now);
        assert!(!holds(&absent, "b", now));
        assert!(!absent.holds(Algorithm::Es256, Some("a"), now));
        assert!(!absent.holds(Algorithm::Rs256, None, now));
    }

    #[test]
    fn a_flood_pushes_nothing_out_and_leaves_room_afterwards() {
        let (mut absent, now) = (Absent::default(), Instant::now());
        add(&mut absent, "real", now);
        for made_up in 0..100_000 {
            add(&mut absent, &made_up.to_string(), now);
        }
        assert!(holds(&absent, "real", now));
        let later = now + COOLDOWN * 2;
        add(&mut absent, "next", later);
        assert!(holds(&absent, "next", later));
    }
}
