//! Base64url, read strictly.
//!
//! Two readers that disagree about one text are how a check in one place is undone in another, so
//! there is one spelling of everything here. The original's decoder takes padding, the standard
//! alphabet, white space and stray bits; this one refuses them (RFC 7515 section 2).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Decodes base64url: no padding, no other alphabet, and no bits left over in the last character.
pub(crate) fn base64url(text: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn what_decodes_is_what_encodes_to_it(text in "[A-Za-z0-9_=+/ -]{0,12}", bytes: Vec<u8>) {
            if let Some(decoded) = base64url(&text) {
                prop_assert_eq!(URL_SAFE_NO_PAD.encode(decoded), text);
            }
            prop_assert_eq!(base64url(URL_SAFE_NO_PAD.encode(&bytes)), Some(bytes));
        }
    }

    #[test]
    fn base64url_has_one_spelling() {
        assert_eq!(base64url("AQAB"), Some(vec![1, 0, 1]));
        assert_eq!(base64url("_-8"), Some(vec![0xff, 0xef]));
        assert_eq!(base64url(""), Some(Vec::new()));
        for text in [
            "AQ==",
            "AQA=",
            "+/8",
            "AQ AB",
            "AQAB\n",
            " AQAB",
            "AR",
            "A",
            "AQABA",
            "AQ\u{e9}B",
            "AQ.B",
        ] {
            assert_eq!(base64url(text), None, "{text:?}");
        }
    }
}
