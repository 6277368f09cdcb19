//! A connection's bytes, with Node's answer to what is no HTTP.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A TCP stream on which hyper's bare answers to broken requests get the body that Node sends.
///
/// hyper answers them itself, before any service is called, and offers no other place to do it.
pub(super) struct Wire {
    stream: TokioIo<TcpStream>,
    answer: Option<Answer>,
}

struct Answer {
    bytes: &'static [u8],
    written: usize,
    replaces: usize,
}

impl Wire {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self { stream: TokioIo::new(stream), answer: None }
    }
}

const CLIENT_ERROR: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 65\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"error\":\"Bad Request\",\"message\":\"Client Error\",\"statusCode\":400}";
const HEAD_TOO_LARGE: &[u8] = b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 114\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"error\":\"Request Header Fields Too Large\",\"message\":\"Exceeded maximum allowed HTTP header size\",\"statusCode\":431}";

/// The answer that replaces hyper's. Its own have no header but these three; ours have more.
fn replacement(bytes: &[u8]) -> Option<&'static [u8]> {
    let head = bytes.strip_suffix(b"\r\n\r\n")?;
    let mut lines = std::str::from_utf8(head).ok()?.split("\r\n");
    let answer = match lines.next()? {
        "HTTP/1.1 400 Bad Request" => CLIENT_ERROR,
        "HTTP/1.1 431 Request Header Fields Too Large" => HEAD_TOO_LARGE,
        _ => return None,
    };
    let bare = |line: &str| {
        let name = line.split(':').next().unwrap_or_default();
        ["connection", "content-length", "date"].contains(&name)
    };
    lines.all(bare).then_some(answer)
}

impl Read for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl Write for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.answer.is_none()
            && bytes.len() < 256
            && let Some(answer) = replacement(bytes)
        {
            this.answer = Some(Answer { bytes: answer, written: 0, replaces: bytes.len() });
        }
        let Some(answer) = &mut this.answer else {
            return Pin::new(&mut this.stream).poll_write(context, bytes);
        };
        while answer.written < answer.bytes.len() {
            let rest = &answer.bytes[answer.written..];
            answer.written += ready!(Pin::new(&mut this.stream).poll_write(context, rest))?;
        }
        let replaced = answer.replaces;
        this.answer = None;
        Poll::Ready(Ok(replaced))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match buffers {
            [only] => self.poll_write(context, only),
            _ => Pin::new(&mut self.stream).poll_write_vectored(context, buffers),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lengths_of_the_canned_answers_are_true() {
        for answer in [CLIENT_ERROR, HEAD_TOO_LARGE] {
            let text = std::str::from_utf8(answer).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            assert!(
                head.contains(&format!("Content-Length: {}\r\n", body.len())),
                "{}",
                body.len()
            );
        }
    }

    #[test]
    fn only_hypers_own_answers_are_replaced() {
        let bare = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\ndate: x\r\n\r\n";
        assert!(replacement(bare).is_some());
        let ours = b"HTTP/1.1 400 Bad Request\r\nvary: Origin\r\ncontent-length: 0\r\n\r\n";
        assert!(replacement(ours).is_none());
    }
}
