//! What is sent as the arguments of an event or of an ack.

use std::any::type_name;

use serde::{Serialize, Serializer, ser::SerializeTuple};

use crate::service::Arguments;

/// A value as the engine takes it: always a tuple, which it spreads to arguments.
pub(crate) struct Sent<'a, T: ?Sized>(pub(crate) &'a T);

impl<T: Serialize + ?Sized> Serialize for Sent<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match Count::of::<T>() {
            Count::None => serializer.serialize_tuple(0)?.end(),
            Count::One => (self.0,).serialize(serializer),
            Count::Several => self.0.serialize(serializer),
        }
    }
}

/// How many arguments a type stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Count {
    /// `()`.
    None,
    /// Anything else, lists and arrays among them.
    One,
    /// A tuple, or [`Arguments`].
    Several,
}

impl Count {
    pub(crate) fn of<T: ?Sized>() -> Self {
        let name = without_references(type_name::<T>());
        // serde hands over arrays as tuples, and `()` as `null` is: only the type tells them apart.
        match name {
            "()" => Self::None,
            _ if name.starts_with('(') || name == type_name::<Arguments>() => Self::Several,
            _ => Self::One,
        }
    }
}

/// `&&mut (A, B)` → `(A, B)`.
fn without_references(mut name: &str) -> &str {
    while let Some(rest) = name.strip_prefix('&') {
        name = rest.strip_prefix("mut ").unwrap_or(rest);
    }
    name
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[derive(Serialize)]
    struct Point(f64, f64);

    #[derive(Serialize)]
    #[serde(transparent)]
    struct Pair([u8; 2]);

    fn sent<T: Serialize>(value: T) -> Value {
        serde_json::to_value(Sent(&value)).unwrap()
    }

    #[test]
    fn only_tuples_are_several_arguments() {
        assert_eq!(sent((1, "x")), json!([1, "x"]));
        assert_eq!(sent((1, [2])), json!([1, [2]]));
        assert_eq!(sent((1,)), json!([1]));
        assert_eq!(sent(Arguments(Vec::new())), json!([]));
    }

    #[test]
    fn arrays_lists_and_structs_are_one() {
        assert_eq!(sent([1, 2]), json!([[1, 2]]));
        assert_eq!(sent([(1, 2)]), json!([[[1, 2]]]));
        assert_eq!(sent(vec![1, 2]), json!([[1, 2]]));
        assert_eq!(sent([0_u8; 0]), json!([[]]));
        assert_eq!(sent(Point(1.0, 2.0)), json!([[1.0, 2.0]]));
        assert_eq!(sent(Pair([1, 2])), json!([[1, 2]]));
        assert_eq!(sent("x"), json!(["x"]));
        assert_eq!(sent(Some((1, 2))), json!([[1, 2]]));
    }

    #[test]
    fn the_unit_is_no_argument_and_null_is_one() {
        assert_eq!(sent(()), json!([]));
        assert_eq!(sent(()), json!([]));
        assert_eq!(sent(Value::Null), json!([null]));
        assert_eq!(sent(None::<u8>), json!([null]));
    }
}
