//! One frame of a WebSocket, as a client sends it. RFC 6455 section 5.2.

use super::{
    event_names::readable,
    judge::{Head, look},
    line::Line,
};

/// A frame with no packet in it: the engine closes the connection.
pub(super) const NO_PACKET: &[u8] = &[0x81, 0x82, 0, 0, 0, 0, b'4', b'9'];

const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;

/// A frame whose header is complete.
pub(super) struct Frame<'b> {
    /// All bytes that are known from its beginning, also those after its end.
    pub(super) bytes: &'b [u8],
    pub(super) header: usize,
    pub(super) length: u64,
}

/// What a frame is to the message that it belongs to. RFC 6455 section 5.4.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// The first of several frames.
    First,
    /// One that is not the first.
    Next,
    /// None: it is a control frame, and may come between them. RFC 6455 section 5.5.
    Between,
}

impl<'b> Frame<'b> {
    pub(super) fn read(bytes: &'b [u8]) -> Option<Self> {
        let (head, rest) = bytes.split_first_chunk::<2>()?;
        let (length, extended) = match head[1] & 0x7f {
            126 => (u64::from(u16::from_be_bytes(*rest.first_chunk()?)), 2),
            127 => (u64::from_be_bytes(*rest.first_chunk()?), 8),
            short => (u64::from(short), 0),
        };
        let mask = if head[1] & 0x80 == 0 { 0 } else { 4 };
        let header = 2 + extended + mask;
        let length = length.min(u64::MAX - 16); // so that a header can be added to it
        (bytes.len() >= header).then_some(Self { bytes, header, length })
    }

    /// The header of a message that comes in one frame, masked with zeros.
    pub(super) fn header_of(is_text: bool, length: u64) -> Vec<u8> {
        header(0x80 | if is_text { TEXT } else { BINARY }, length, [0; 4])
    }

    pub(super) fn mask(&self) -> Option<[u8; 4]> {
        let masked = self.bytes[1] & 0x80 != 0;
        masked.then(|| self.bytes[..self.header].last_chunk().copied()).flatten()
    }

    /// The payload as far as it has come.
    pub(super) fn payload(&self) -> &'b [u8] {
        let payload = &self.bytes[self.header..];
        let length = usize::try_from(self.length).unwrap_or(usize::MAX).min(payload.len());
        &payload[..length]
    }

    /// That without its mask.
    pub(super) fn plain(&self) -> Vec<u8> {
        let mask = self.mask().unwrap_or_default();
        self.payload().iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key).collect()
    }

    pub(super) fn is_text(&self) -> bool {
        self.opcode() == TEXT
    }

    pub(super) fn is_last(&self) -> bool {
        self.bytes[0] & 0x80 != 0
    }

    /// `None` if a client may not send such a frame.
    pub(super) fn part(&self) -> Option<Part> {
        if self.mask().is_none() || self.bytes[0] & 0x70 != 0 {
            return None;
        }
        match self.opcode() {
            CONTINUATION => Some(Part::Next),
            TEXT | BINARY if self.is_last() => Some(Part::Whole),
            TEXT | BINARY => Some(Part::First),
            8..=10 if self.is_last() && self.length < 126 => {
                // A status has two bytes. RFC 6455 section 5.5.1.
                (self.opcode() != CLOSE || self.length != 1).then_some(Part::Between)
            }
            _ => None,
        }
    }

    fn opcode(&self) -> u8 {
        self.bytes[0] & 0x0f
    }

    /// What is to be done with a message that begins here.
    pub(super) fn head(&self, line: &Line) -> Head {
        let (true, Some(mask)) = (self.is_text(), self.mask()) else {
            return Head::Plain;
        };
        let payload = self.payload();
        let is_whole = payload.len() as u64 == self.length;
        look(line, payload.len(), is_whole, |index| payload[index] ^ mask[index % 4])
    }

    /// The header and the first bytes of the payload, so many, as those of an answer to a ping:
    /// the engine passes over what follows.
    pub(super) fn ignored(&self) -> (usize, Vec<u8>) {
        let mask = self.mask().unwrap_or_default();
        let taken = self.payload().len().min(2);
        let mut written = self.bytes[..self.header].to_vec();
        written.extend(mask[..taken].iter().map(|key| key ^ b'3'));
        (taken, written)
    }

    /// The header and the payload up to `end`, with another name in place of that from `start`.
    pub(super) fn rewritten(&self, start: usize, end: usize) -> Option<Vec<u8>> {
        let mask = self.mask()?;
        let payload = self.payload();
        let mut text: Vec<u8> =
            payload[..end].iter().enumerate().map(|(index, byte)| byte ^ mask[index % 4]).collect();
        let name = readable(&text[start..])?;
        text.truncate(start);
        text.extend_from_slice(name.as_bytes());
        let length = self.length - end as u64 + text.len() as u64;
        let mut written = header(self.bytes[0], length, mask);
        written.extend(text.iter().enumerate().map(|(index, byte)| byte ^ mask[index % 4]));
        Some(written)
    }
}

/// The header of a frame that is masked.
fn header(first: u8, length: u64, mask: [u8; 4]) -> Vec<u8> {
    let mut written = vec![first];
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
    written
}
