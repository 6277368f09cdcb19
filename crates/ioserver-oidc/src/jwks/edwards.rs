//! The Ed25519 keys that are nobody's: points of small order, under which signatures that take no
//! private key verify.

/// RFC 8032 section 5.1.3 reads no key whose ordinate is the field's prime or above, but some
/// readers do; and an ordinate of small order is no one's public key.
pub(crate) fn is_sound(key: &[u8; 32]) -> bool {
    let mut ordinate = *key;
    ordinate[31] &= 0x7f; // the last bit is the sign of the other coordinate
    !SMALL_ORDER.contains(&ordinate) && !is_reducible(&ordinate)
}

/// Whether the number is 2^255 - 19 or above.
fn is_reducible(ordinate: &[u8; 32]) -> bool {
    let [first, middle @ .., last] = ordinate;
    *first >= 0xed && middle.iter().all(|byte| *byte == 0xff) && *last == 0x7f
}

/// The ordinates of the eight points whose order divides the cofactor, least byte first.
const SMALL_ORDER: [[u8; 32]; 5] = [
    repeated(0, 0, 0),
    repeated(1, 0, 0),
    repeated(0xec, 0xff, 0x7f),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

const fn repeated(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    (bytes[0], bytes[31]) = (first, last);
    bytes
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey};

    use super::*;

    #[test]
    fn no_key_of_small_order_is_sound_whatever_its_sign() {
        for mut key in SMALL_ORDER {
            assert!(!is_sound(&key), "{key:x?}");
            key[31] |= 0x80;
            assert!(!is_sound(&key), "{key:x?}");
        }
        for first in 0xed..=0xff {
            assert!(!is_sound(&repeated(first, 0xff, 0x7f)), "{first:x}");
            assert!(!is_sound(&repeated(first, 0xff, 0xff)), "{first:x}");
        }
        assert!(is_sound(&repeated(0xeb, 0xff, 0x7f)));
    }

    /// What the list is for: with the neutral point as `R` and 0 as `S`, each of its points accepts
    /// one message in eight, or more.
    #[test]
    fn under_each_key_of_small_order_the_same_signature_is_good_for_many_messages() {
        let signature = [[1].as_slice(), &[0; 63]].concat();
        for key in SMALL_ORDER {
            let Ok(key) = ParsedPublicKey::new(&ED25519, key) else { continue };
            let good = |number: u8| key.verify_sig(&[number], &signature).is_ok();
            assert!((0..=255).filter(|number| good(*number)).count() > 8);
        }
    }

    #[test]
    fn the_keys_that_people_make_are_sound() {
        for _ in 0..100 {
            let pair = Ed25519KeyPair::generate().unwrap();
            assert!(is_sound(pair.public_key().as_ref().try_into().unwrap()));
        }
    }
}
