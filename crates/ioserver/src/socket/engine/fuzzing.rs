//! Entries for the fuzz targets.

use std::sync::Arc;

use bytes::Bytes;

use super::{
    event_names::readable_payload,
    frames::Frames,
    line::{Line, Lines},
};

/// Small, so that messages beyond it are found.
const LONGEST: usize = 1000;

/// What the engine reads when the bytes of a client arrive in pieces of this size.
#[must_use]
pub fn frames(bytes: &[u8], size: usize) -> Vec<u8> {
    let (mut frames, mut read) = (Frames::new(line(), LONGEST), Vec::new());
    for piece in bytes.chunks(size) {
        if frames.is_waiting() {
            frames.push(piece);
        } else {
            let passed = frames.pass(piece);
            read.extend_from_slice(&piece[..passed]);
        }
        read.extend_from_slice(&frames.ready().split());
        if frames.is_over() {
            return read;
        }
    }
    frames.end();
    read.extend_from_slice(frames.ready());
    read
}

/// What the engine reads of a polling payload.
#[must_use]
pub fn payload(bytes: &[u8]) -> Bytes {
    readable_payload(Bytes::copy_from_slice(bytes), &line())
}

/// One of a client that has joined nothing.
fn line() -> Arc<Line> {
    let lines = Lines::new(1);
    lines.know(["/".to_owned(), "/chat".to_owned()]);
    lines.websocket()
}
