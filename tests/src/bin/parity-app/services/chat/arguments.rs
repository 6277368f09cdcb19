//! Arguments as a method of the original sees them.

use bytes::Bytes;
use ioserver::{Ack, Arguments, IOServerError, Payload, Result};

/// `(data, callback)` of a JavaScript method: the arguments in their order, the callback last.
pub(super) struct AsInJavaScript(Vec<&'static str>);

impl AsInJavaScript {
    pub(super) fn new(Arguments(arguments): &Arguments, ack: &Ack) -> Self {
        let kinds = arguments.iter().map(kind);
        Self(kinds.chain(ack.is_requested().then_some("function")).collect())
    }

    /// What kind of value an argument is.
    pub(super) fn kind(&self, index: usize) -> &'static str {
        self.0.get(index).copied().unwrap_or("undefined")
    }
}

fn kind(payload: &Payload) -> &'static str {
    match payload {
        Payload::Null => "null",
        Payload::Bool(_) => "boolean",
        Payload::Number(_) => "number",
        Payload::String(_) => "string",
        Payload::Binary(_) => "binary",
        Payload::Array(_) => "array",
        Payload::Object(_) => "object",
    }
}

pub(super) fn bytes(payload: &Payload) -> Result<&Bytes> {
    match payload {
        Payload::Binary(bytes) => Ok(bytes),
        other => {
            let message = format!("invalid payload: {} instead of binary data", kind(other));
            Err(IOServerError::new(message, 400_u16))
        }
    }
}
