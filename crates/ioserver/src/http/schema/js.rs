//! Numbers, texts and equality as JavaScript has them: what coercion and messages are made of.

use std::borrow::Cow;

use serde_json::{Number, Value};

/// ECMA-262's white space and line ends, which a number may be surrounded by.
fn is_blank(c: char) -> bool {
    c == '\u{feff}' || (c.is_whitespace() && c != '\u{85}')
}

/// `Number(text)`; `None` where JavaScript has `NaN`.
pub(super) fn parse_number(text: &str) -> Option<f64> {
    let text = text.trim_matches(is_blank);
    let radix = |digits: &str, radix| {
        let digits = Some(digits).filter(|digits| !digits.is_empty())?;
        digits.chars().try_fold(0.0, |sum, digit| {
            Some(sum * f64::from(radix) + f64::from(digit.to_digit(radix)?))
        })
    };
    match text.get(..2) {
        Some("0x" | "0X") => return radix(&text[2..], 16),
        Some("0o" | "0O") => return radix(&text[2..], 8),
        Some("0b" | "0B") => return radix(&text[2..], 2),
        _ if text.is_empty() => return Some(0.0),
        _ => {}
    }
    match text {
        "Infinity" | "+Infinity" => return Some(f64::INFINITY),
        "-Infinity" => return Some(f64::NEG_INFINITY),
        _ => {}
    }
    // Rust reads a few words as numbers that JavaScript does not.
    let plain =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
    text.bytes().all(plain).then(|| text.parse().ok()).flatten()
}

/// A number as JSON has it: whole where it can be.
pub(super) fn number(value: f64) -> Option<Number> {
    const SAFE: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "a whole number within 2^53")]
    if value.fract() == 0.0 && value.abs() <= SAFE {
        return Some(Number::from(value as i64));
    }
    Number::from_f64(value)
}

/// A number of JSON as JavaScript keeps it.
pub(super) fn float(number: &Number) -> f64 {
    number.as_f64().unwrap_or(f64::NAN)
}

pub(super) fn is_integer(number: &Number) -> bool {
    number.is_i64() || number.is_u64() || float(number).fract() == 0.0
}

/// `String(number)`.
pub(super) fn number_text(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity".into() } else { "-Infinity".into() };
    }
    let magnitude = value.abs();
    if (1e-6..1e21).contains(&magnitude) {
        return value.to_string();
    }
    let text = format!("{value:e}");
    if magnitude < 1.0 { text } else { text.replace('e', "e+") }
}

/// `String(value)`, for coercion and for replies.
pub(super) fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => "null".into(),
        Value::Bool(true) => "true".into(),
        Value::Bool(false) => "false".into(),
        Value::Number(number) => number_text(float(number)).into(),
        Value::String(text) => text.into(),
        Value::Array(items) => items
            .iter()
            .map(|item| if item.is_null() { "".into() } else { text(item) })
            .collect::<Vec<_>>()
            .join(",")
            .into(),
        Value::Object(_) => "[object Object]".into(),
    }
}

/// `Number(value)`; `None` where JavaScript has `NaN`.
pub(super) fn to_number(value: &Value) -> Option<f64> {
    match value {
        Value::Null => Some(0.0),
        Value::Bool(set) => Some(f64::from(u8::from(*set))),
        Value::Number(number) => Some(float(number)),
        Value::String(text) => parse_number(text),
        Value::Array(_) => parse_number(&text(value)),
        Value::Object(_) => None,
    }
}

pub(super) fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(set) => *set,
        Value::Number(number) => float(number) != 0.0,
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// Equality by value: 1 and 1.0 are the same, and members have no order.
pub(super) fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => float(left) == float(right),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(name, left)| right.get(name).is_some_and(|right| equal(left, right)))
        }
        (left, right) => left == right,
    }
}

/// A text that two values share only if they are [`equal`].
pub(super) fn fingerprint(value: &Value, into: &mut String) {
    match value {
        Value::Number(number) => *into += &number_text(float(number)),
        Value::String(text) => *into += &Value::from(text.as_str()).to_string(),
        Value::Array(items) => {
            into.push('[');
            for item in items {
                fingerprint(item, into);
                into.push(',');
            }
            into.push(']');
        }
        Value::Object(members) => {
            let mut names = members.keys().collect::<Vec<_>>();
            names.sort_unstable();
            into.push('{');
            for name in names {
                *into += &Value::from(name.as_str()).to_string();
                into.push(':');
                fingerprint(&members[name], into);
                into.push(',');
            }
            into.push('}');
        }
        Value::Null | Value::Bool(_) => *into += &text(value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn text_is_a_number_where_javascript_says_so() {
        let read = |text| parse_number(text);
        assert_eq!(read(" 1e2\u{a0}"), Some(100.0));
        assert_eq!(read("0x10"), Some(16.0));
        assert_eq!(read(""), Some(0.0));
        assert_eq!(read("5."), Some(5.0));
        for text in ["1_0", "0x", "-0x1", "nan", "inf", "infinity", "1 2", "e5", "."] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_written_as_javascript_writes_them() {
        let text = |value: Value| text(&value).into_owned();
        assert_eq!(text(json!(1.0)), "1");
        assert_eq!(text(json!(1e21)), "1e+21");
        assert_eq!(text(json!(1.5e-7)), "1.5e-7");
        assert_eq!(text(json!(0.000_001)), "0.000001");
        assert_eq!(text(json!(123_456_789_012_345_680_000_u128 as f64)), "123456789012345680000");
        assert_eq!(text(json!([1, null, "a"])), "1,,a");
    }

    #[test]
    fn values_are_equal_whatever_their_spelling() {
        assert!(equal(&json!({ "a": 1, "b": [2.0] }), &json!({ "b": [2], "a": 1.0 })));
        assert!(!equal(&json!({ "a": 1 }), &json!({ "b": 1 })));
        let print = |value: Value| {
            let mut text = String::new();
            fingerprint(&value, &mut text);
            text
        };
        assert_eq!(print(json!({ "a": 1, "b": [2.0] })), print(json!({ "b": [2], "a": 1.0 })));
        assert_ne!(print(json!("1")), print(json!(1)));
    }
}
