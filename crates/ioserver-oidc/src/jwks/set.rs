//! A whole key set: parsed key by key, and looked up.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::digest::{self, SHA256};

use super::{
    failure::Failure,
    key::{Key, Unusable},
};
use crate::{Algorithm, json::json_items};

/// The usable keys of one answer.
#[derive(Debug)]
pub(crate) struct KeySet {
    keys: Box<[Key]>,
    digest: [u8; 32],
    generation: u64,
}

/// What an answer held: the keys, and what was left out.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) set: KeySet,
    pub(crate) skipped: Vec<Unusable>,
}

/// Why a set has no key for a header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Miss {
    NoMatch,
    Several,
}

impl KeySet {
    /// Reads the body of an answer. A key that cannot be used is left out; the others count.
    pub(crate) fn parse(body: &[u8], max_keys: usize) -> Result<Parsed, Failure> {
        let entries = json_items(body, "keys").map_err(|_| Failure::NotASet)?;
        if entries.len() > max_keys {
            return Err(Failure::TooManyKeys { keys: entries.len(), most: max_keys });
        }
        let (mut keys, mut skipped) = (Vec::new(), Vec::new());
        for entry in entries {
            match Key::parse(entry) {
                Ok(key) => keys.push(key),
                Err(unusable) => skipped.push(unusable),
            }
        }
        Ok(Parsed { set: Self::new(keys), skipped })
    }

    fn new(keys: Vec<Key>) -> Self {
        // One counter for the process: a generation also tells the sets of two sources apart.
        static GENERATION: AtomicU64 = AtomicU64::new(1);
        Self {
            digest: digest(&keys),
            keys: keys.into(),
            generation: GENERATION.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// Where the one key is that a token with this header was signed with.
    pub(crate) fn find(&self, algorithm: Algorithm, kid: Option<&str>) -> Result<usize, Miss> {
        let mut fitting =
            self.keys.iter().enumerate().filter(|(_, key)| {
                kid.is_none_or(|kid| key.kid() == Some(kid)) && key.fits(algorithm)
            });
        match (fitting.next(), fitting.next()) {
            (Some((index, _)), None) => Ok(index),
            (None, _) => Err(Miss::NoMatch),
            (Some(_), Some(_)) => Err(Miss::Several),
        }
    }

    pub(crate) fn key(&self, index: usize) -> &Key {
        &self.keys[index]
    }

    pub(crate) fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// Whether the other set accepts exactly the same tokens.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.digest == other.digest
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }
}

/// Over the sorted keys: providers list the same keys in changing order.
fn digest(keys: &[Key]) -> [u8; 32] {
    let mut digests: Vec<_> = keys.iter().map(Key::digest).collect();
    digests.sort_unstable();
    let mut context = digest::Context::new(&SHA256);
    digests.into_iter().for_each(|digest| context.update(digest));
    let mut sum = [0; 32];
    sum.copy_from_slice(context.finish().as_ref());
    sum
}
