//! Values whose leaves are text, read as whatever the target wants: `"7"` as a number, `"true"` as
//! a boolean, one value as a list of one.

use std::fmt::Display;

use serde::{
    de::{
        DeserializeOwned, Deserializer, IntoDeserializer, Visitor,
        value::{Error, MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::Value;

use crate::{IOServerError, Result};

/// Reads `value` as a `T`; the error is a 400 that begins with `part`.
pub(super) fn read<T: DeserializeOwned>(value: &Value, part: &str) -> Result<T> {
    T::deserialize(Lenient(value))
        .map_err(|error| IOServerError::new(format!("{part}: {error}"), 400))
}

#[derive(Clone, Copy)]
struct Lenient<'a>(&'a Value);

impl<'de> IntoDeserializer<'de, Error> for Lenient<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

fn custom(error: impl Display) -> Error {
    serde::de::Error::custom(error)
}

/// Text is parsed as the type that the target asks for; anything else keeps its own.
macro_rules! parsed {
    ($($method:ident $visit:ident $type:ty),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self.0 {
                Value::String(text) => match text.parse::<$type>() {
                    Ok(value) => visitor.$visit(value),
                    Err(_) => Err(custom(format_args!("`{text}` is no {}", stringify!($type)))),
                },
                _ => self.deserialize_any(visitor),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Lenient<'de> {
    type Error = Error;

    parsed!(
        deserialize_bool visit_bool bool,
        deserialize_i8 visit_i8 i8, deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32, deserialize_i64 visit_i64 i64,
        deserialize_u8 visit_u8 u8, deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32, deserialize_u64 visit_u64 u64,
        deserialize_f32 visit_f32 f32, deserialize_f64 visit_f64 f64,
        deserialize_char visit_char char
    );

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(values) => {
                visitor.visit_seq(SeqDeserializer::new(values.iter().map(Lenient)))
            }
            Value::Object(members) => {
                let members = members.iter().map(|(name, value)| (name.as_str(), Lenient(value)));
                visitor.visit_map(MapDeserializer::new(members))
            }
            other => other.deserialize_any(visitor).map_err(custom),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(_) => self.deserialize_any(visitor),
            _ => visitor.visit_seq(SeqDeserializer::new(std::iter::once(self))),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.deserialize_enum(name, variants, visitor).map_err(custom)
    }

    forward_to_deserialize_any! {
        i128 u128 str string bytes byte_buf unit unit_struct tuple tuple_struct map struct
        identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Page {
        page: Option<u32>,
        tags: Vec<String>,
        full: bool,
    }

    #[test]
    fn text_is_read_as_what_the_target_wants() {
        let page: Page =
            read(&json!({ "page": "2", "tags": "a", "full": "true" }), "querystring").unwrap();
        assert_eq!(page, Page { page: Some(2), tags: vec!["a".into()], full: true });
    }

    #[test]
    fn text_that_is_something_else_is_a_400_that_says_so() {
        let error =
            read::<Page>(&json!({ "page": "two", "tags": [], "full": "true" }), "querystring");
        let error = error.unwrap_err();
        assert_eq!(
            (error.status(), error.to_string().as_str()),
            (400, "querystring: `two` is no u32")
        );
    }
}
