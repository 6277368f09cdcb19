//! Refusals that carry more than text.
//!
//! socketioxide's CONNECT_ERROR is `{"message":…}`, and Socket.IO's may have `data`, too. So the
//! engine is given a message that stands for the whole, of such a length that what it writes is as
//! long as the packet that the client is to have, which then takes its place.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

/// A private-use character, which no escape is needed for.
const MARK: char = '\u{F8FF}';
const BEGINNING: &str = "{\"message\":\"";
const ENDING: &str = "\"}";

/// What the engine of one connection is to send to refuse its client, and has not sent yet.
#[derive(Default)]
pub(in crate::socket) struct Refusals {
    waiting: AtomicUsize,
    kept: Mutex<Vec<Refusal>>,
}

struct Refusal {
    written: String,
    payload: String,
}

impl Refusals {
    /// Keeps a payload, an object with a message and data; gives back the message for the engine.
    pub(in crate::socket) fn keep(&self, payload: String) -> String {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let message = message(kept.len(), payload.len());
        kept.push(Refusal { written: format!("{BEGINNING}{message}{ENDING}"), payload });
        self.waiting.store(kept.len(), Ordering::Release);
        message
    }

    /// What the engine writes, with refusals as they are to be; `None` if there are none in it.
    pub(super) fn write(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        if self.waiting.load(Ordering::Acquire) == 0 {
            return None;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = None;
        kept.retain(|Refusal { written, payload }| {
            let Some(start) = bytes.windows(written.len()).position(|at| at == written.as_bytes())
            else {
                return true;
            };
            let bytes: &mut Vec<u8> = changed.get_or_insert_with(|| bytes.to_vec());
            bytes[start..start + payload.len()].copy_from_slice(payload.as_bytes());
            false
        });
        self.waiting.store(kept.len(), Ordering::Release);
        changed
    }
}

/// A message that makes the engine's payload so long. Those of one connection differ while they
/// wait.
fn message(number: usize, length: usize) -> String {
    let mut message = format!("{MARK}{number}");
    let rest = length.saturating_sub(BEGINNING.len() + message.len() + ENDING.len());
    message.extend(std::iter::repeat_n('~', rest));
    message
}
