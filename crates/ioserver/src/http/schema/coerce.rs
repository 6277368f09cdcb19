//! `type`, with what Ajv does to a value under `coerceTypes: "array"`.

use serde_json::Value;

use super::{
    js,
    node::{Type, Types},
};

impl Type {
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "string" => Self::String,
            "number" => Self::Number,
            "integer" => Self::Integer,
            "boolean" => Self::Boolean,
            "null" => Self::Null,
            "object" => Self::Object,
            "array" => Self::Array,
            _ => return None,
        })
    }

    fn fits(self, value: &Value) -> bool {
        match (self, value) {
            (Self::String, Value::String(_))
            | (Self::Number, Value::Number(_))
            | (Self::Boolean, Value::Bool(_))
            | (Self::Null, Value::Null)
            | (Self::Object, Value::Object(_))
            | (Self::Array, Value::Array(_)) => true,
            (Self::Integer, Value::Number(number)) => js::is_integer(number),
            _ => false,
        }
    }

    /// The value as this type, if it can be had.
    fn from(self, value: &Value) -> Option<Value> {
        match (self, value) {
            (Self::String, Value::Null) => Some("".into()),
            (Self::String, Value::Number(_) | Value::Bool(_)) => Some(js::text(value).into()),
            (Self::Number | Self::Integer, Value::Null) => Some(0.into()),
            (Self::Number | Self::Integer, Value::Bool(set)) => Some(u8::from(*set).into()),
            (Self::Number | Self::Integer, Value::String(text)) => self.number(text),
            (Self::Boolean, _) if is_no(value) || value.is_null() => Some(false.into()),
            (Self::Boolean, Value::String(text)) if text == "true" => Some(true.into()),
            (Self::Boolean, Value::Number(number)) if js::float(number) == 1.0 => Some(true.into()),
            (Self::Null, Value::String(text)) if text.is_empty() => Some(Value::Null),
            (Self::Null, Value::Bool(false)) => Some(Value::Null),
            (Self::Null, Value::Number(number)) if js::float(number) == 0.0 => Some(Value::Null),
            (Self::Array, Value::Object(_) | Value::Array(_)) => None,
            (Self::Array, scalar) => Some(Value::Array(vec![scalar.clone()])),
            _ => None,
        }
    }

    /// Text that stands for a number. Ajv takes `Infinity` for one, which passes any `maximum`;
    /// here it is none.
    fn number(self, text: &str) -> Option<Value> {
        let number = js::parse_number(text).filter(|_| !text.is_empty())?;
        let is_fine = self == Self::Number || number.fract() == 0.0;
        js::number(number).filter(|_| is_fine).map(Value::Number)
    }
}

fn is_no(value: &Value) -> bool {
    match value {
        Value::String(text) => text == "false",
        Value::Number(number) => js::float(number) == 0.0,
        _ => false,
    }
}

impl Types {
    fn fit(&self, value: &Value) -> bool {
        self.list.iter().any(|one| one.fits(value))
    }

    /// Ajv takes the only item of a list for the value only if there is one type to be.
    fn is_single(&self) -> bool {
        match &*self.list {
            [_] => true,
            [one, other] => {
                matches!(
                    (one, other),
                    (Type::Number, Type::Integer) | (Type::Integer, Type::Number)
                )
            }
            _ => false,
        }
    }
}

/// Makes `value` one of `types`, in the order in which the schema has them, and says whether it
/// could.
///
/// Where it cannot, Ajv goes on with the only item of a list in place of the list, so that later
/// keywords look at something else than what is kept; here they look at the value itself.
pub(super) fn coerce(value: &mut Value, types: &Types) -> bool {
    if types.fit(value) {
        return true;
    }
    let coercible = types.list.iter().any(|one| *one != Type::Object);
    let (only, is_single) = match &*value {
        Value::Array(items) if coercible && items.len() == 1 => (&items[0], types.is_single()),
        value => (value, false),
    };
    let coerced = if is_single && types.fit(only) {
        Some(only.clone())
    } else {
        types.list.iter().find_map(|one| one.from(only))
    };
    let Some(coerced) = coerced else { return false };
    *value = coerced;
    true
}
