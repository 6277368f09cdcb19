//! All claims of a token, for whoever asks.

use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value};

use crate::json::json_object;

/// The claims of a verified token as the text that they were read from, until somebody asks for one.
///
/// Thousands of tokens are remembered, and few handlers want more than the fields of a user. A text
/// is one allocation where a map is two for each claim: what a token costs at first sight is mostly
/// memory that was not touched before, and that of another token which makes room.
#[derive(Clone, Default)]
pub(super) struct KeptClaims(Option<Arc<Kept>>);

struct Kept {
    text: Box<[u8]>,
    read: OnceLock<Map<String, Value>>,
}

impl KeptClaims {
    /// `text` is an object that was read without a fault.
    pub(super) fn new(text: &[u8]) -> Self {
        Self(Some(Arc::new(Kept { text: text.into(), read: OnceLock::new() })))
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        let kept = self.0.as_deref()?;
        kept.read.get_or_init(|| json_object(&kept.text).unwrap_or_default()).get(name)
    }
}
