//! Entries for the fuzz targets, where the public API is slow to reach. Not public API.

use crate::jwks::KeySet;

/// Reads a key set as an answer of the endpoint, and returns how many of its keys would be used.
///
/// # Panics
///
/// If a key accepts a signature that anybody can make, or the set reads otherwise the second time.
#[must_use]
pub fn key_set(body: &[u8]) -> usize {
    const MOST: usize = 100;
    let Ok(parsed) = KeySet::parse(body, MOST) else { return 0 };
    let again = KeySet::parse(body, MOST).expect("it was read before");
    assert!(parsed.set.is_same(&again.set), "the same text is another set");
    assert!(parsed.set.keys().len() + parsed.skipped.len() <= MOST);
    for key in parsed.set.keys() {
        assert!(key.algorithms().count() > 0, "a key that verifies nothing is used");
        for algorithm in key.algorithms() {
            for signature in forged() {
                assert!(!key.verify(algorithm, b"message", &signature), "{algorithm}");
            }
        }
    }
    parsed.set.keys().len()
}

/// Signatures that take no private key: none, zeros and ones of each length, and for Ed25519 those
/// that a key of small order accepts (the neutral point as `R`, and 0 as `S`).
fn forged() -> impl Iterator<Item = Vec<u8>> {
    let plain = [0, 64, 96, 132, 256, 512].into_iter().flat_map(|length: usize| {
        let mut one = vec![0; length];
        one.last_mut().into_iter().for_each(|last| *last = 1);
        [vec![0; length], one]
    });
    let neutral = [[1].as_slice(), &[0; 63]].concat();
    plain.chain([neutral])
}
