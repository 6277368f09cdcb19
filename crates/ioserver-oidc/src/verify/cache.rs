//! Tokens that were verified already.

use std::{
    fmt,
    hash::{BuildHasherDefault, Hash, Hasher},
};

use aws_lc_rs::{digest, rand};
use quick_cache::{UnitWeighter, sync::Cache};

use crate::OidcUserContext;

/// Who is behind the tokens that were verified lately. Bounded, and without a lock of its own:
/// the entries are spread over shards.
///
/// An entry is good until its token expires, and only as long as the keys are those that verified
/// it. Its key is a digest with a secret of this process: nothing of a token stays in memory.
pub(super) struct TokenCache {
    verified: Cache<Digest, Entry, UnitWeighter, BuildHasherDefault<First8>>,
    secret: [u8; 32],
}

#[derive(Clone)]
struct Entry {
    user: OidcUserContext,
    expires: f64,
    generation: u64,
}

impl TokenCache {
    /// `None` if there is to be none, or no randomness for its secret.
    pub(super) fn new(tokens: usize) -> Option<Self> {
        let mut secret = [0; 32];
        if tokens == 0 || rand::fill(&mut secret).is_err() {
            return None;
        }
        let verified = Cache::with(
            tokens,
            tokens as u64,
            UnitWeighter,
            Default::default(),
            Default::default(),
        );
        Some(Self { verified, secret })
    }

    pub(super) fn digest(&self, token: &str) -> Digest {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(&self.secret);
        context.update(token.as_bytes());
        let mut bytes = [0; 32];
        bytes.copy_from_slice(context.finish().as_ref()); // SHA-256 has 32 bytes
        Digest(bytes)
    }

    /// The user of a token that still holds. `earliest` is the latest `exp` that has passed.
    pub(super) fn get(
        &self,
        token: &Digest,
        generation: u64,
        earliest: f64,
    ) -> Option<OidcUserContext> {
        let entry = self.verified.get(token)?;
        if entry.generation == generation && entry.expires > earliest {
            return Some(entry.user);
        }
        self.verified.remove(token);
        None
    }

    pub(super) fn insert(
        &self,
        token: Digest,
        user: OidcUserContext,
        expires: f64,
        generation: u64,
    ) {
        self.verified.insert(token, Entry { user, expires, generation });
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache").field("len", &self.verified.len()).finish_non_exhaustive()
    }
}

/// A keyed SHA-256 digest of a token.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) struct Digest([u8; 32]);

impl Hash for Digest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let mut first = [0; 8];
        first.copy_from_slice(&self.0[..8]);
        state.write_u64(u64::from_ne_bytes(first));
    }
}

/// Takes eight bytes of the digest as they are: nobody without the secret can choose them.
#[derive(Default)]
struct First8(u64);

impl Hasher for First8 {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}
