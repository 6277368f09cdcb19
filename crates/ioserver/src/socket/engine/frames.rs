//! The frames that a client sends over WebSocket, looked at on their way to the engine.

use bytes::{Buf, BytesMut};

use std::sync::Arc;

use super::{
    event_names::readable,
    judge::{Head, look},
    line::Line,
};

/// A frame, masked with zeros, with no packet in it: the engine closes the connection.
pub(super) const NO_PACKET: &[u8] = &[0x81, 0x82, 0, 0, 0, 0, b'4', b'9'];

/// Passes a client's bytes on, writes event names otherwise that the engine cannot read, and ends
/// where Node closes the connection.
pub(super) struct Frames {
    line: Arc<Line>,
    /// Whether the connection is to be closed, and nothing more is read.
    refused: bool,
    /// Bytes of the current frame that pass unseen.
    passing: u64,
    /// Bytes of which it is not known yet whether they pass.
    held: BytesMut,
    /// Bytes that pass and were not read yet.
    ready: BytesMut,
}

/// How a walk over bytes ended: after so many that pass.
struct Walk {
    passed: usize,
    /// So many bytes after those are replaced by these.
    replaced: Option<(usize, Vec<u8>)>,
}

impl Frames {
    pub(super) fn new(line: Arc<Line>) -> Self {
        let (refused, passing, held, ready) = Default::default();
        Self { line, refused, passing, held, ready }
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
            self.settle_first(walk.replaced);
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

    /// Whether the client is not in the middle of a frame.
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
        let held = self.held.split();
        let walk = self.walk(&held);
        self.held = held;
        self.ready.extend_from_slice(&self.held[..walk.passed]);
        self.held.advance(walk.passed);
        self.settle_first(walk.replaced);
    }

    /// Settles what is held, whose first bytes may have a replacement.
    fn settle_first(&mut self, replaced: Option<(usize, Vec<u8>)>) {
        if let Some((length, bytes)) = replaced {
            self.ready.extend_from_slice(&bytes);
            self.held.advance(length);
            self.settle();
        }
    }

    fn walk(&mut self, bytes: &[u8]) -> Walk {
        let mut at = 0;
        loop {
            let rest = bytes.len() - at;
            let pass = usize::try_from(self.passing).unwrap_or(usize::MAX).min(rest);
            at += pass;
            self.passing -= pass as u64;
            let Some(frame) = Frame::read(&bytes[at..]) else {
                return Walk { passed: at, replaced: None };
            };
            match frame.head(&self.line) {
                Head::Unfinished => return Walk { passed: at, replaced: None },
                Head::Unreadable(start, end) => match frame.rewritten(start, end) {
                    Some(written) => {
                        self.passing = frame.length - end as u64;
                        let length = frame.header + end;
                        return Walk { passed: at, replaced: Some((length, written)) };
                    }
                    None => self.passing = frame.header as u64 + frame.length,
                },
                Head::Ignored => {
                    let (taken, written) = frame.ignored();
                    self.passing = frame.length - taken as u64;
                    return Walk { passed: at, replaced: Some((frame.header + taken, written)) };
                }
                Head::Refused => {
                    self.refused = true;
                    return Walk {
                        passed: at,
                        replaced: Some((bytes.len() - at, NO_PACKET.into())),
                    };
                }
                Head::Plain => self.passing = frame.header as u64 + frame.length,
            }
        }
    }
}

/// A frame whose header is complete. RFC 6455 section 5.2.
struct Frame<'b> {
    bytes: &'b [u8],
    header: usize,
    length: u64,
}

impl<'b> Frame<'b> {
    fn read(bytes: &'b [u8]) -> Option<Self> {
        let (head, rest) = bytes.split_first_chunk::<2>()?;
        let (length, extended) = match head[1] & 0x7f {
            126 => (u64::from(u16::from_be_bytes(*rest.first_chunk()?)), 2),
            127 => (u64::from_be_bytes(*rest.first_chunk()?), 8),
            short => (u64::from(short), 0),
        };
        let mask = if head[1] & 0x80 == 0 { 0 } else { 4 };
        let header = 2 + extended + mask;
        // A length that overflows is no frame; the engine refuses it.
        let fits = length <= u64::MAX - 16;
        (bytes.len() >= header).then_some(Self {
            bytes,
            header,
            length: if fits { length } else { 0 },
        })
    }

    fn mask(&self) -> Option<[u8; 4]> {
        let masked = self.bytes[1] & 0x80 != 0;
        masked.then(|| self.bytes[..self.header].last_chunk().copied()).flatten()
    }

    fn payload(&self) -> &'b [u8] {
        let payload = &self.bytes[self.header..];
        let length = usize::try_from(self.length).unwrap_or(usize::MAX).min(payload.len());
        &payload[..length]
    }

    fn head(&self, line: &Line) -> Head {
        let (text, Some(mask)) = (self.bytes[0] & 0x0f == 1, self.mask()) else {
            return Head::Plain; // the engine refuses what is not masked
        };
        if !text {
            return Head::Plain;
        }
        let payload = self.payload();
        let is_here = payload.len() as u64 == self.length;
        let is_whole = is_here && self.bytes[0] & 0x80 != 0;
        match look(line, payload.len(), is_whole, |index| payload[index] ^ mask[index % 4]) {
            // The rest is in another frame: the engine makes of it what it does.
            Head::Unfinished if is_here => Head::Plain,
            head => head,
        }
    }

    /// The header and the first bytes of the payload, so many, as those of an answer to a ping:
    /// the engine passes over what follows.
    fn ignored(&self) -> (usize, Vec<u8>) {
        let mask = self.mask().unwrap_or_default();
        let taken = self.payload().len().min(2);
        let mut written = self.bytes[..self.header].to_vec();
        written.extend(mask[..taken].iter().map(|key| key ^ b'3'));
        (taken, written)
    }

    /// The header and the payload up to `end`, with another name in place of that from `start`.
    fn rewritten(&self, start: usize, end: usize) -> Option<Vec<u8>> {
        let mask = self.mask()?;
        let payload = self.payload();
        let mut text: Vec<u8> =
            payload[..end].iter().enumerate().map(|(index, byte)| byte ^ mask[index % 4]).collect();
        let name = readable(&text[start..])?;
        text.truncate(start);
        text.extend_from_slice(name.as_bytes());
        let length = self.length - end as u64 + text.len() as u64;
        let mut written = vec![self.bytes[0]];
        match (u8::try_from(length), u16::try_from(length)) {
            (Ok(short), _) if short < 126 => written.push(0x80 | short),
            (_, Ok(medium)) => {
                written.push(0x80 | 126);
                written.extend_from_slice(&medium.to_be_bytes());
            }
            _ => {
                written.push(0x80 | 127);
                written.extend_from_slice(&length.to_be_bytes());
            }
        }
        written.extend_from_slice(&mask);
        written.extend(text.iter().enumerate().map(|(index, byte)| byte ^ mask[index % 4]));
        Some(written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::socket::engine::line::Lines;

    fn frames() -> Frames {
        let lines = Lines::default();
        lines.know(["/chat".to_owned()]);
        Frames::new(lines.websocket())
    }

    const MASK: [u8; 4] = [1, 2, 3, 200];

    fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = vec![0x80 | opcode];
        if payload.len() < 126 {
            frame.push(0x80 | payload.len() as u8);
        } else {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&(payload.len() as u16).to_be_bytes());
        }
        frame.extend_from_slice(&MASK);
        frame.extend(payload.iter().enumerate().map(|(index, byte)| byte ^ MASK[index % 4]));
        frame
    }

    /// What the engine reads when the bytes arrive in pieces of this size.
    fn through(bytes: &[u8], size: usize) -> Vec<u8> {
        let (mut frames, mut read) = (frames(), Vec::new());
        for piece in bytes.chunks(size) {
            if frames.is_waiting() {
                frames.push(piece);
            } else {
                let passed = frames.pass(piece);
                read.extend_from_slice(&piece[..passed]);
            }
            read.append(&mut frames.ready().split().to_vec());
        }
        frames.end();
        read.extend_from_slice(frames.ready());
        read
    }

    fn payloads(mut bytes: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        while let Some(frame) = Frame::read(bytes) {
            let mask = frame.mask().unwrap();
            let payload = frame.payload().iter().enumerate();
            let text = payload.map(|(index, byte)| byte ^ mask[index % 4]).collect();
            found.push(String::from_utf8(text).unwrap());
            bytes = &bytes[frame.header + frame.payload().len()..];
        }
        assert!(bytes.is_empty());
        found
    }

    #[test]
    fn plain_frames_pass_as_they_are_in_pieces_of_any_size() {
        let long = format!("42[\"echo\",\"{}\\n\"]", "a".repeat(300));
        let mut bytes = frame(1, br#"42["echo","\u0061"]"#);
        bytes.extend(frame(2, &[0; 200]));
        bytes.extend(frame(1, long.as_bytes()));
        bytes.extend(frame(1, b"3"));
        for size in 1..bytes.len() {
            assert_eq!(through(&bytes, size), bytes, "{size}");
        }
    }

    #[test]
    fn a_name_with_an_escape_is_replaced_in_pieces_of_any_size() {
        let rest = format!(",\"{}\\u00e9\"]", "b".repeat(130));
        let mut bytes = frame(1, br#"42["first"]"#);
        bytes.extend(frame(1, format!("42/chat,7[\"caf\\u00e9\"{rest}").as_bytes()));
        bytes.extend(frame(1, br#"42["a\"b"]"#));
        bytes.extend(frame(1, br#"42["last"]"#));
        for size in 1..=bytes.len() {
            let read = payloads(&through(&bytes, size));
            assert_eq!(read.len(), 4);
            assert_eq!((&*read[0], &*read[3]), (r#"42["first"]"#, r#"42["last"]"#));
            assert!(read[1].starts_with("42/chat,7[\"\u{F8FF}") && read[1].ends_with(&rest));
            assert!(!read[2].contains('\\'), "{}", read[2]);
        }
    }

    #[test]
    fn nothing_passes_after_a_packet_that_is_refused() {
        let mut bytes = frame(1, br#"42["first"]"#);
        bytes.extend(frame(1, b"6"));
        bytes.extend(frame(1, b"41x"));
        bytes.extend(frame(1, br#"42["last"]"#));
        let mut frames = frames();
        let passed = frames.pass(&bytes);
        let read = [&bytes[..passed], &frames.ready().split()[..]].concat();
        assert_eq!(payloads(&read), [r#"42["first"]"#, "3", "49"]);
        assert!(frames.is_over());
    }

    #[test]
    fn what_is_no_packet_passes_as_it_is() {
        for payload in [&b""[..], b"42[", br#"42["a\"#, br#"42["\x"]"#, b"42[5"] {
            let bytes = frame(1, payload);
            assert_eq!(through(&bytes, 3), bytes);
        }
        let unmasked = [0x81, 5, b'4', b'2', b'[', b'5', b']'];
        assert_eq!(through(&unmasked, 2), unmasked);
        let endless = [0x81, 0xff, 255, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3, 4, 9, 9];
        assert_eq!(through(&endless, 5), endless);
    }
}
