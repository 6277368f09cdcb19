//! Tokens that were verified already.

use std::{
    fmt,
    hash::{BuildHasherDefault, Hash, Hasher},
};

use aws_lc_rs::digest;
use quick_cache::{Weighter, sync::Cache};

use crate::OidcUserContext;

/// Who is behind the tokens that were verified lately. Bounded, and without a lock of its own:
/// the entries are spread over shards.
///
/// An entry is good until its token expires, and only as long as the keys are those that verified
/// it. Its key is a digest with a secret of this process: nothing of a token stays in memory.
pub(super) struct TokenCache {
    verified: Cache<Digest, Entry, ByLength, BuildHasherDefault<First8>>,
    secret: [u8; 32],
}

#[derive(Clone)]
struct Entry {
    user: OidcUserContext,
    expires: f64,
    generation: u64,
    weight: u64,
}

/// A token of the usual length weighs 1, and longer ones more: what is kept of them is bounded in
/// bytes as well.
#[derive(Clone)]
struct ByLength;

impl Weighter<Digest, Entry> for ByLength {
    fn weight(&self, _: &Digest, entry: &Entry) -> u64 {
        entry.weight
    }
}

const USUAL_LENGTH: usize = 2048;

impl TokenCache {
    /// `None` if there is to be none, or no randomness for its secret.
    pub(super) fn new(tokens: usize) -> Option<Self> {
        let mut secret = [0; 32];
        // Not aws-lc's: its first bytes take a start of 50 ms.
        if tokens == 0 || getrandom::fill(&mut secret).is_err() {
            return None;
        }
        let verified =
            Cache::with(tokens, tokens as u64, ByLength, Default::default(), Default::default());
        Some(Self { verified, secret })
    }

    pub(super) fn digest(&self, token: &str) -> Digest {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(&self.secret);
        context.update(token.as_bytes());
        let mut bytes = [0; 32];
        bytes.copy_from_slice(context.finish().as_ref()); // SHA-256 has 32 bytes
        Digest { bytes, weight: token.len().div_ceil(USUAL_LENGTH).max(1) as u64 }
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
        let weight = token.weight;
        self.verified.insert(token, Entry { user, expires, generation, weight });
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache").field("len", &self.verified.len()).finish_non_exhaustive()
    }
}

/// A keyed SHA-256 digest of a token, and how much room the token is worth.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Digest {
    bytes: [u8; 32],
    weight: u64,
}

impl Hash for Digest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let mut first = [0; 8];
        first.copy_from_slice(&self.bytes[..8]);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn user() -> OidcUserContext {
        let mut user = OidcUserContext::default();
        user.sub = "user-1".into();
        user
    }

    #[test]
    fn an_entry_holds_until_its_token_expires() {
        let cache = TokenCache::new(10).unwrap();
        let token = cache.digest("a.b.c");
        cache.insert(token, user(), 100.0, 1);
        assert_eq!(cache.get(&token, 1, 99.0).unwrap().sub, "user-1");
        assert!(cache.get(&token, 1, 100.0).is_none(), "`exp` itself is too late");
        assert!(cache.get(&token, 1, 99.0).is_none(), "what has expired is gone");
    }

    #[test]
    fn an_entry_holds_for_the_keys_that_verified_it() {
        let cache = TokenCache::new(10).unwrap();
        let token = cache.digest("a.b.c");
        cache.insert(token, user(), 100.0, 1);
        assert!(cache.get(&token, 2, 0.0).is_none());
        assert!(cache.get(&token, 1, 0.0).is_none(), "it does not come back with older keys");
    }

    #[test]
    fn each_token_has_a_digest_of_its_own_and_each_cache_a_secret() {
        let (cache, other) = (TokenCache::new(10).unwrap(), TokenCache::new(10).unwrap());
        assert_eq!(cache.digest("a.b.c"), cache.digest("a.b.c"));
        assert_ne!(cache.digest("a.b.c"), cache.digest("a.b.d"));
        assert_ne!(cache.digest("a.b.c"), other.digest("a.b.c"));
    }

    #[test]
    fn it_is_bounded_and_can_be_turned_off() {
        let cache = TokenCache::new(100).unwrap();
        for number in 0..10_000 {
            let token = cache.digest(&number.to_string());
            cache.insert(token, user(), 100.0, 1);
        }
        assert!(cache.verified.len() <= 100, "{}", cache.verified.len());
        assert!(TokenCache::new(0).is_none());
    }

    #[test]
    fn long_tokens_take_the_room_of_several() {
        let cache = TokenCache::new(100).unwrap();
        for number in 0..1000 {
            let token = cache.digest(&format!("{number:016384}"));
            cache.insert(token, user(), 100.0, 1);
        }
        assert!(cache.verified.len() <= 100 / 8, "{}", cache.verified.len());
        assert!(!cache.verified.is_empty());
    }
}
