//! The frames that a client sends over WebSocket, looked at on their way to the engine.

use bytes::{Buf, BytesMut};

use std::sync::Arc;

use super::{
    fault::Fault,
    fragments::Fragments,
    frame::{Frame, NO_PACKET, Part},
    judge::Head,
    line::Line,
};

/// Passes a client's bytes on, writes event names otherwise that the engine cannot read, and ends
/// where Node closes the connection.
pub(super) struct Frames {
    line: Arc<Line>,
    /// How many bytes a message may have.
    limit: usize,
    /// Whether the connection is to be closed, and nothing more is read.
    refused: bool,
    /// Bytes of the current frame that pass unseen.
    passing: u64,
    /// A message that comes in several frames.
    fragments: Option<Box<Fragments>>,
    /// Bytes of which it is not known yet whether they pass.
    held: BytesMut,
    /// So many bytes must be held before looking at them makes sense.
    wanted: usize,
    /// Bytes that pass and were not read yet.
    ready: BytesMut,
}

/// How a walk over bytes ended: after so many that pass.
struct Walk {
    passed: usize,
    /// So many bytes after those are replaced by these.
    replaced: Option<(usize, Vec<u8>)>,
}

impl Walk {
    fn until(passed: usize) -> Self {
        Self { passed, replaced: None }
    }

    fn replacing(passed: usize, length: usize, bytes: Vec<u8>) -> Self {
        Self { passed, replaced: Some((length, bytes)) }
    }
}

impl Frames {
    pub(super) fn new(line: Arc<Line>, limit: usize) -> Self {
        let (refused, passing, fragments, held, wanted, ready) = Default::default();
        Self { line, limit, refused, passing, fragments, held, wanted, ready }
    }

    /// Whether a packet was refused: no bytes after it may be read.
    pub(super) fn is_over(&self) -> bool {
        self.refused
    }

    /// Looks at bytes that were just read. So many of them pass as they are; the others are kept.
    ///
    /// Call it with nothing [waiting](Self::is_waiting).
    pub(super) fn pass(&mut self, bytes: &[u8]) -> usize {
        let walk = self.walk(bytes);
        if walk.passed < bytes.len() {
            self.held.extend_from_slice(&bytes[walk.passed..]);
            if self.replace(walk.replaced) {
                self.settle();
            }
        }
        walk.passed
    }

    /// Takes more bytes when some are waiting already.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
        self.settle();
    }

    /// Whether bytes were kept.
    pub(super) fn is_waiting(&self) -> bool {
        !self.held.is_empty() || !self.ready.is_empty()
    }

    /// Whether the engine is not in the middle of a frame.
    pub(super) fn is_between(&self) -> bool {
        self.passing == 0 && !self.is_waiting()
    }

    /// The bytes that pass, as far as they are kept here. Take them by [`BytesMut::advance`].
    pub(super) fn ready(&mut self) -> &mut BytesMut {
        &mut self.ready
    }

    /// The client sends no more: what is held passes as it is.
    pub(super) fn end(&mut self) {
        self.ready.unsplit(self.held.split());
    }

    fn settle(&mut self) {
        while self.held.len() >= self.wanted {
            let held = self.held.split();
            let walk = self.walk(&held);
            self.held = held;
            self.ready.extend_from_slice(&self.held[..walk.passed]);
            self.held.advance(walk.passed);
            if !self.replace(walk.replaced) {
                return;
            }
        }
    }

    /// Replaces the first bytes that are held; says whether those after them are to be looked at.
    fn replace(&mut self, replaced: Option<(usize, Vec<u8>)>) -> bool {
        let Some((length, bytes)) = replaced else { return false };
        self.ready.extend_from_slice(&bytes);
        self.held.advance(length);
        if self.refused {
            self.held.clear();
        }
        !self.held.is_empty()
    }

    fn walk(&mut self, bytes: &[u8]) -> Walk {
        let mut at = 0;
        self.wanted = 0;
        loop {
            let rest = bytes.len() - at;
            let pass = usize::try_from(self.passing).unwrap_or(usize::MAX).min(rest);
            at += pass;
            self.passing -= pass as u64;
            if let Some(walk) = self.take_fragment(&bytes[at..]) {
                return Walk { passed: at, ..walk };
            }
            let Some(frame) = Frame::read(&bytes[at..]) else { return Walk::until(at) };
            if let Some(walk) = self.fragment(&frame) {
                return Walk { passed: at, ..walk };
            }
            match frame.head(&self.line) {
                Head::Unfinished => return Walk::until(at),
                Head::Whole => {
                    self.wanted = frame.header + usize::try_from(frame.length).unwrap_or_default();
                    return Walk::until(at);
                }
                Head::Unreadable(start, end) => match frame.rewritten(start, end) {
                    Some(written) => {
                        self.passing = frame.length - end as u64;
                        return Walk::replacing(at, frame.header + end, written);
                    }
                    None => self.passing = frame.header as u64 + frame.length,
                },
                Head::Ignored => {
                    let (taken, written) = frame.ignored();
                    self.passing = frame.length - taken as u64;
                    return Walk::replacing(at, frame.header + taken, written);
                }
                Head::Refused(fault) => {
                    return Walk { passed: at, ..self.refuse(&frame, fault, NO_PACKET.into()) };
                }
                Head::Plain => self.passing = frame.header as u64 + frame.length,
            }
        }
    }

    /// Takes what is there of a fragment's payload. `None` if none is due.
    fn take_fragment(&mut self, bytes: &[u8]) -> Option<Walk> {
        let fragments = self.fragments.as_mut().filter(|all| all.is_within_frame())?;
        let taken = fragments.take(bytes);
        Some(self.collected(taken))
    }

    /// Looks at a frame for what it is to its message. `None` if it is a whole one, or none of its.
    fn fragment(&mut self, frame: &Frame<'_>) -> Option<Walk> {
        let part = frame.part();
        match (&mut self.fragments, &part) {
            (_, Some(Part::Between)) => return None,
            (None, Some(Part::Whole)) if frame.length <= self.limit as u64 => return None,
            (None, Some(Part::First | Part::Whole)) => {
                self.fragments = Some(Box::new(Fragments::begin(frame)));
            }
            (Some(fragments), Some(Part::Next)) => fragments.go_on(frame),
            _ => return Some(self.refuse(frame, Fault::Frame, OUT_OF_ORDER.into())),
        }
        let fragments = self.fragments.as_mut()?;
        if fragments.length() > self.limit as u64 {
            let too_long = Frame::header_of(true, self.limit as u64 + 1);
            return Some(self.refuse(frame, Fault::TooLong, too_long));
        }
        let taken = frame.header + fragments.take(frame.payload());
        Some(self.collected(taken))
    }

    /// The engine closes the connection at the bytes it has instead.
    fn refuse(&mut self, frame: &Frame<'_>, fault: Fault, instead: Vec<u8>) -> Walk {
        self.refused = true;
        self.line.blame(fault);
        Walk::replacing(0, frame.bytes.len(), instead)
    }

    /// So many bytes were taken; if they were the last of a message, it stands in their place.
    fn collected(&mut self, taken: usize) -> Walk {
        let complete = self.fragments.take_if(|fragments| fragments.is_complete());
        let written = complete.map(|fragments| self.judged(&fragments.into_frame()));
        Walk::replacing(0, taken, written.unwrap_or_default())
    }

    /// What the engine is to have of a frame with a whole message in it.
    fn judged(&mut self, frame: &[u8]) -> Vec<u8> {
        let Walk { passed, replaced } = self.walk(frame);
        self.passing = 0;
        let Some((length, mut written)) = replaced else { return frame.to_vec() };
        written.splice(0..0, frame[..passed].iter().copied());
        written.extend_from_slice(&frame[passed + length..]);
        written
    }
}

/// The last frame of a message that has not begun: the engine closes the connection.
const OUT_OF_ORDER: &[u8] = &[0x80, 0x80, 0, 0, 0, 0];

#[cfg(test)]
mod tests;
