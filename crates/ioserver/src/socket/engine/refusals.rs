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
    next: AtomicUsize,
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
        let message = message(self.next.fetch_add(1, Ordering::Relaxed), payload.len());
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
    // Six digits fit into the shortest payload.
    let mut message = format!("{MARK}{}", number % 1_000_000);
    let rest = length.saturating_sub(BEGINNING.len() + message.len() + ENDING.len());
    message.extend(std::iter::repeat_n('~', rest));
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_takes_the_place_of_its_own_message() {
        let refusals = Refusals::default();
        let payload = |number: usize| format!(r#"{{"message":"","data":{number}}}"#);
        let packet = |text: &str| format!("44/n,{BEGINNING}{text}{ENDING}");
        let one = packet(&refusals.keep(payload(1)));
        let two = packet(&refusals.keep(payload(2)));
        assert_eq!(refusals.write(one.as_bytes()).unwrap(), packet_of(&payload(1)));
        let three = packet(&refusals.keep(payload(3)));
        assert_eq!(one.len(), packet_of(&payload(1)).len());
        assert_eq!(refusals.write(b"42[\"a\"]"), None);
        let both = [three, two].concat();
        let expected = [packet_of(&payload(3)), packet_of(&payload(2))].concat();
        assert_eq!(refusals.write(both.as_bytes()).unwrap(), expected);
        assert_eq!(refusals.write(both.as_bytes()), None, "all were sent");
    }

    fn packet_of(payload: &str) -> Vec<u8> {
        format!("44/n,{payload}").into_bytes()
    }
}
