//! Bounds what stands before a part's content.
//!
//! The reader of parts keeps what has come until it finds the end of a part's head, and looks for
//! that from the start each time more has come. A head without an end would be kept whole and
//! searched in quadratic time.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_core::Stream;

use crate::{BodyStream, IOServerError, Result};

/// Bytes before the first boundary, and of the head of each part.
const LIMIT: usize = 16 * 1024;

/// A multipart body that fails at the first head that is too long.
pub(super) struct BoundedHeads {
    body: BodyStream,
    stage: Stage,
    /// Bytes since the stage began.
    length: usize,
    /// The first boundary need not begin a line.
    first: Search,
    delimiter: Search,
    blank_line: Search,
}

/// Where in the body the next byte is, as the reader of parts sees it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stage {
    /// Before the first boundary.
    Preamble,
    /// Behind a boundary: `--` ends the body. How many dashes there were.
    Type(u8),
    /// Blanks, and the end of the boundary's line.
    Padding,
    Head,
    Content,
    /// Behind the last boundary.
    End,
}

impl BoundedHeads {
    pub(super) fn new(body: BodyStream, boundary: &str) -> Self {
        Self {
            body,
            stage: Stage::Preamble,
            length: 0,
            first: Search::new(format!("--{boundary}")),
            delimiter: Search::new(format!("\r\n--{boundary}")),
            blank_line: Search::new("\r\n\r\n".into()),
        }
    }

    fn follow(&mut self, piece: &[u8]) -> Result<()> {
        for byte in piece {
            self.step(*byte);
            let is_bounded = !matches!(self.stage, Stage::Content | Stage::End);
            if is_bounded && self.length > LIMIT {
                return Err(IOServerError::new("the head of a part is too long", 400_u16)
                    .with_name("Bad Request"));
            }
        }
        Ok(())
    }

    fn step(&mut self, byte: u8) {
        self.length += 1;
        match self.stage {
            Stage::Preamble if self.first.step(byte) => self.enter(Stage::Type(0)),
            Stage::Content if self.delimiter.step(byte) => self.enter(Stage::Type(0)),
            Stage::Head if self.blank_line.step(byte) => self.enter(Stage::Content),
            Stage::Type(0) if byte == b'-' => self.stage = Stage::Type(1),
            Stage::Type(1) if byte == b'-' => self.enter(Stage::End),
            Stage::Type(_) | Stage::Padding if byte == b'\n' => self.enter(Stage::Head),
            Stage::Type(_) => self.stage = Stage::Padding,
            _ => {}
        }
    }

    fn enter(&mut self, stage: Stage) {
        (self.stage, self.length) = (stage, 0);
        (self.delimiter.matched, self.blank_line.matched) = (0, 0);
    }
}

impl Stream for BoundedHeads {
    type Item = Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        let this = self.get_mut();
        let next = ready!(Pin::new(&mut this.body).poll_next(context));
        Poll::Ready(match next {
            Some(Ok(piece)) => Some(this.follow(&piece).map(|()| piece)),
            other => other,
        })
    }
}

/// Looks for a text in bytes that come one by one (Knuth, Morris and Pratt).
struct Search {
    text: Vec<u8>,
    /// How much of the text's beginning each of its beginnings ends with.
    borders: Vec<usize>,
    matched: usize,
}

impl Search {
    fn new(text: String) -> Self {
        let text = text.into_bytes();
        let mut borders = vec![0; text.len()];
        for end in 1..text.len() {
            let mut border: usize = borders[end - 1];
            while border > 0 && text[border] != text[end] {
                border = borders[border - 1];
            }
            borders[end] = border + usize::from(text[border] == text[end]);
        }
        Self { text, borders, matched: 0 }
    }

    /// Whether the text ends with this byte.
    fn step(&mut self, byte: u8) -> bool {
        while self.matched > 0
            && (self.matched == self.text.len() || self.text[self.matched] != byte)
        {
            self.matched = self.borders[self.matched - 1];
        }
        self.matched += usize::from(self.text[self.matched] == byte);
        self.matched == self.text.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a body passes, in pieces of this many bytes.
    fn passes(body: &str, size: usize) -> bool {
        let mut heads = BoundedHeads::new(BodyStream::empty(), "B-");
        body.as_bytes().chunks(size).all(|piece| heads.follow(piece).is_ok())
    }

    #[track_caller]
    fn check(body: &str, expected: bool) {
        for size in [1, 7, 1 << 20] {
            assert_eq!(passes(body, size), expected, "in pieces of {size}");
        }
    }

    #[test]
    fn contents_have_no_bound_and_heads_have() {
        let (fits, long) = ("a".repeat(LIMIT - 100), "a".repeat(LIMIT + 100));
        let part = |head: &str, content: &str| format!("--B-\r\nX: {head}\r\n\r\n{content}\r\n");
        for content in [&*long, "", &format!("\r\n\r\n{long}"), &format!("\r\n--B{long}")] {
            check(&format!("{}{}--B---\r\n{long}", part("1", content), part(&fits, &long)), true);
        }
        for head in [&*long, &format!("a\r\nY: {long}")] {
            check(&part(head, ""), false);
            check(&format!("{}{}", part("1", &long), part(head, "")), false);
        }
        check(&format!("{fits}{}", part("1", "")), true);
        check(&format!("{fits}-{}", part("1", &long)), true);
        check(&long, false);
        check(&format!("{long}{}", part("1", "")), false);
        check(&format!("--B-\r\n\r\n{long}"), false); // the head ends with a blank line of its own
        check(&format!("--B-{}", " ".repeat(LIMIT + 100)), false);
        check(&format!("--B--{long}"), false);
        check(&format!("--B---{long}"), true);
    }
}
