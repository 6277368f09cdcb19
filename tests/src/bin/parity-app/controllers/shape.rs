//! Values in the words of JavaScript.

use ioserver::{Request, Result};
use serde_json::{Value, json};

/// What `typeof` says of a value, with a word of its own for null.
pub(super) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) | Value::Object(_) => "object",
    }
}

/// The same, with words of their own for lists and for no body at all.
pub(super) fn shape_of(body: Option<&Value>) -> &'static str {
    match body {
        None => "none",
        Some(Value::Array(_)) => "array",
        Some(body) => type_of(body),
    }
}

/// `{ body }` of JavaScript: an absent body is an absent member.
pub(super) async fn body_of(request: &mut Request) -> Result<Value> {
    let body = request.body().await?;
    Ok(body.map_or_else(|| json!({}), |body| json!({ "body": body })))
}
