//! A message that its client, or a proxy on the way, sends in several frames.
//!
//! RFC 6455 section 5.4. Such a message is put together here, so that it is judged as a whole: the
//! engine sees none that comes in parts.

use super::frame::Frame;

/// A message of which the last byte is not there yet.
pub(super) struct Fragments {
    is_text: bool,
    /// What came of it, unmasked.
    payload: Vec<u8>,
    /// How many bytes of the current frame are missing.
    missing: u64,
    /// The mask of the next of them, and of those that follow.
    mask: [u8; 4],
    is_last: bool,
}

impl Fragments {
    /// Begins with the first frame of a message; its payload comes after that.
    pub(super) fn begin(first: &Frame<'_>) -> Self {
        let mut fragments = Self {
            is_text: first.is_text(),
            payload: Vec::new(),
            missing: 0,
            mask: [0; 4],
            is_last: false,
        };
        fragments.go_on(first);
        fragments
    }

    /// Goes on with the next frame; its payload comes after that.
    pub(super) fn go_on(&mut self, frame: &Frame<'_>) {
        self.missing = frame.length;
        self.mask = frame.mask().unwrap_or_default();
        self.is_last = frame.is_last();
    }

    /// How long the message is with all of the current frame.
    pub(super) fn length(&self) -> u64 {
        self.missing.saturating_add(self.payload.len() as u64)
    }

    /// Takes what is there of the current frame; gives back how much that is.
    pub(super) fn take(&mut self, bytes: &[u8]) -> usize {
        let taken = usize::try_from(self.missing).unwrap_or(usize::MAX).min(bytes.len());
        let bytes = bytes[..taken].iter().zip(self.mask.iter().cycle());
        self.payload.extend(bytes.map(|(byte, key)| byte ^ key));
        self.mask.rotate_left(taken % 4);
        self.missing -= taken as u64;
        taken
    }

    /// Whether a frame's payload is still to come.
    pub(super) fn is_within_frame(&self) -> bool {
        self.missing > 0
    }

    pub(super) fn is_complete(&self) -> bool {
        self.is_last && self.missing == 0
    }

    /// The whole message in one frame.
    pub(super) fn into_frame(self) -> Vec<u8> {
        let mut frame = Frame::header_of(self.is_text, self.payload.len() as u64);
        frame.extend_from_slice(&self.payload);
        frame
    }
}
