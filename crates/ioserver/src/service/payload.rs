//! Payloads of any shape, binary data among them.

use std::fmt;

use bytes::Bytes;
use indexmap::IndexMap;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
    ser::{SerializeMap, SerializeSeq, SerializeTuple},
};
use serde_json::Number;

/// An argument of any shape: JSON, with binary data where the client put it.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "JSON and binary data are all that Socket.IO sends")]
pub enum Payload {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(String),
    /// Binary data: a `Buffer`, an `ArrayBuffer` or a `Blob` at the client.
    Binary(Bytes),
    /// A list.
    Array(Vec<Self>),
    /// An object, in the order of its members.
    Object(Vec<(String, Self)>),
}

impl Payload {
    /// The member of an object.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().find_map(|(key, value)| (key == name).then_some(value))
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }
}

impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(value) => value.serialize(serializer),
            Self::String(value) => serializer.serialize_str(value),
            Self::Binary(value) => serializer.serialize_bytes(value),
            Self::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PayloadVisitor)
    }
}

struct PayloadVisitor;

impl<'de> Visitor<'de> for PayloadVisitor {
    type Value = Payload;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON or binary data")
    }

    fn visit_unit<E: Error>(self) -> Result<Payload, E> {
        Ok(Payload::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Payload, E> {
        Ok(Payload::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Payload, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Payload, E> {
        Ok(Payload::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Payload, E> {
        Ok(Payload::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Payload, E> {
        Ok(Payload::Number(value.into()))
    }

    /// JavaScript has one kind of number: what is written `1.0` is sent on as `1`.
    fn visit_f64<E: Error>(self, value: f64) -> Result<Payload, E> {
        const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53
        if value.fract() == 0.0 && value.abs() < EXACT {
            #[expect(clippy::cast_possible_truncation, reason = "it is whole, and small enough")]
            return Ok(Payload::Number((value as i64).into()));
        }
        Ok(Number::from_f64(value).map_or(Payload::Null, Payload::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Payload, E> {
        Ok(Payload::String(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Payload, E> {
        Ok(Payload::String(value))
    }

    fn visit_bytes<E: Error>(self, value: &[u8]) -> Result<Payload, E> {
        Ok(Payload::Binary(Bytes::copy_from_slice(value)))
    }

    fn visit_byte_buf<E: Error>(self, value: Vec<u8>) -> Result<Payload, E> {
        Ok(Payload::Binary(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Payload, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Payload::Array(items))
    }

    /// Of two members of one name the last one counts, as in JavaScript.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Payload, A::Error> {
        let mut members = IndexMap::new();
        while let Some((name, value)) = map.next_entry()? {
            members.insert(name, value);
        }
        Ok(Payload::Object(members.into_iter().collect()))
    }
}

/// All arguments of an event or of an ack, however many the client sent. Sent back, they are as
/// many arguments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arguments(pub Vec<Payload>);

impl Serialize for Arguments {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut arguments = serializer.serialize_tuple(self.0.len())?; // a tuple is all arguments
        for argument in &self.0 {
            arguments.serialize_element(argument)?;
        }
        arguments.end()
    }
}

impl<'de> Deserialize<'de> for Arguments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple(usize::MAX, ArgumentsVisitor)
    }
}

struct ArgumentsVisitor;

impl<'de> Visitor<'de> for ArgumentsVisitor {
    type Value = Arguments;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the arguments of an event")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut arguments: A) -> Result<Arguments, A::Error> {
        let mut all = Vec::new();
        while let Some(argument) = arguments.next_element()? {
            all.push(argument);
        }
        Ok(Arguments(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Payload {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn of_two_members_of_one_name_the_last_one_counts() {
        let payload = read(r#"{"role":"user","id":1,"role":"admin"}"#);
        assert_eq!(payload.get("role").and_then(Payload::as_str), Some("admin"));
        let json = serde_json::to_string(&payload).unwrap();
        assert_eq!(json, r#"{"role":"admin","id":1}"#);
    }

    #[test]
    fn a_whole_number_is_sent_on_as_one() {
        let json = serde_json::to_string(&read("[1.0,-0.0,1e3,0.5,1e300]")).unwrap();
        assert_eq!(json, "[1,0,1000,0.5,1e+300]");
    }
}
