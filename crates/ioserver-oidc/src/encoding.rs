//! The two encodings of a token and a key set, read strictly: base64url and JSON objects.
//!
//! Two readers that disagree about one text are how a check in one place is undone in another, so
//! there is one spelling of everything here. The original's decoder takes padding, the standard
//! alphabet, white space and stray bits; this one refuses them (RFC 7515 section 2).

use std::{borrow::Cow, collections::HashSet, fmt};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

/// Decodes base64url: no padding, no other alphabet, and no bits left over in the last character.
pub(crate) fn base64url(text: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Parses a JSON object in which no member, at any depth, is named twice.
///
/// Also refused: anything after the object, text that is not UTF-8, lone surrogates, numbers
/// outside a double's range, and nesting below 128 levels.
pub(crate) fn json_object(text: &[u8]) -> Result<Map<String, Value>, JsonFault> {
    // A pass of its own rather than a map that checks while it is built: the map stays serde_json's,
    // whatever features another crate of the build turns on (`arbitrary_precision` and the like).
    if let Err(error) = serde_json::from_slice::<Unique>(text) {
        return Err(if error.is_data() { JsonFault::Duplicate } else { JsonFault::Syntax });
    }
    match serde_json::from_slice(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(JsonFault::NotAnObject),
        Err(_) => Err(JsonFault::Syntax),
    }
}

/// Why a text is not an object that may be believed. Says nothing of what the text holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum JsonFault {
    Syntax,
    NotAnObject,
    Duplicate,
}

impl fmt::Display for JsonFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "not valid JSON",
            Self::NotAnObject => "not a JSON object",
            Self::Duplicate => "a JSON member is named twice",
        })
    }
}

/// Any JSON value without a repeated member; nothing of it is kept.
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without repeated members")
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self, A::Error> {
        while elements.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = members.next_key_seed(Name)? {
            if !names.insert(name) {
                return Err(de::Error::custom("repeated member"));
            }
            members.next_value::<Self>()?;
        }
        Ok(self)
    }
}

/// A member's name: borrowed from the text, unless it holds an escape.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
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

        #[test]
        fn an_object_is_read_if_its_names_differ(
            names in proptest::collection::vec("[a-d]", 0..5),
            depth in 0..100_usize,
        ) {
            let members = names.iter().map(|name| format!("\"{name}\":1")).collect::<Vec<_>>();
            let object = format!("{{{}}}", members.join(","));
            let text = format!("{}{object}{}", "{\"x\":".repeat(depth), "}".repeat(depth));
            let differ = names.iter().collect::<HashSet<_>>().len() == names.len();
            prop_assert_eq!(json_object(text.as_bytes()).is_ok(), differ);
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

    #[test]
    fn an_object_is_parsed_whole() {
        let object = json_object(br#" {"a": [1, {"b": null}], "c": {"b": "\u00e9"}} "#).unwrap();
        assert_eq!(object["c"]["b"], "é");
        assert_eq!(object["a"][0], 1);
    }

    #[test]
    fn a_member_named_twice_is_refused_at_any_depth_and_in_any_spelling() {
        for text in [
            r#"{"aud":"a","aud":"b"}"#,
            r#"{"aud":"a","\u0061ud":"b"}"#,
            r#"{"a":{"b":1,"c":2,"b":1}}"#,
            r#"{"a":[[{"b":1,"b":1}]]}"#,
            r#"{"":1,"":1}"#,
        ] {
            assert_eq!(json_object(text.as_bytes()), Err(JsonFault::Duplicate), "{text}");
        }
        assert!(json_object(br#"{"a":{"b":1},"b":{"b":1}}"#).is_ok());
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in ["[]", "[{}]", "null", "1", "\"{}\"", "true"] {
            assert_eq!(json_object(text.as_bytes()), Err(JsonFault::NotAnObject), "{text}");
        }
    }

    #[test]
    fn broken_json_is_refused() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
        for text in [
            "",
            "{",
            "{}x",
            "{} {}",
            "{\"a\":1e400}",
            r#"{"a":"\ud800"}"#,
            "{'a':1}",
            "\u{feff}{}",
            "{\"a\":1,}",
            &deep,
        ] {
            assert_eq!(json_object(text.as_bytes()), Err(JsonFault::Syntax), "{text}");
        }
        assert_eq!(json_object(b"{\"a\":\"\xff\"}"), Err(JsonFault::Syntax));
    }
}
