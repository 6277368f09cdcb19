//! A client that writes the frames of its WebSocket by hand, also those that nobody may write.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::protocol::soon;

/// A masked frame that begins with this byte. RFC 6455 section 5.2.
#[must_use]
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [1, 2, 3, 200];
    let mut frame = vec![first];
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(short), _) if short < 126 => frame.push(0x80 | short),
        (_, Ok(medium)) => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&medium.to_be_bytes());
        }
        _ => {
            frame.push(0x80 | 127);
            frame.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(&MASK);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, key)| byte ^ key));
    frame
}

/// A message in frames of these parts, of which the first begins with this byte.
#[must_use]
pub fn in_parts(opcode: u8, parts: &[&[u8]]) -> Vec<u8> {
    let last = parts.len().saturating_sub(1);
    let parts = parts.iter().enumerate().map(|(index, part)| {
        let first = if index == 0 { opcode } else { 0 };
        frame(if index == last { 0x80 | first } else { first }, part)
    });
    parts.collect::<Vec<_>>().concat()
}

/// A frame of the server's.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Heard {
    /// Its first byte.
    pub first: u8,
    /// Its payload.
    pub payload: Vec<u8>,
}

/// A WebSocket whose bytes are the caller's.
#[derive(Debug)]
pub struct Raw {
    stream: TcpStream,
}

impl Raw {
    /// Opens a session, and reads past the packet that opens it.
    ///
    /// # Panics
    ///
    /// If the server refuses it.
    pub async fn open(address: SocketAddr) -> Self {
        let mut raw = Self::connect(address, "EIO=4&transport=websocket").await;
        raw.text("0{").await;
        raw
    }

    /// Opens a WebSocket with this query.
    ///
    /// # Panics
    ///
    /// If the server refuses it.
    pub async fn connect(address: SocketAddr, query: &str) -> Self {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        let request = format!(
            "GET /socket.io/?{query} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.expect("the server listens");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(soon("a handshake", stream.read_u8()).await.expect("a handshake"));
        }
        assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
        Self { stream }
    }

    /// Writes bytes.
    pub async fn write(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await; // the server may have closed
    }

    /// Writes a packet in a frame of its own.
    pub async fn send(&mut self, packet: &str) {
        self.write(&frame(0x81, packet.as_bytes())).await;
    }

    /// The next frame but pings of the server's, which are answered; `None` after the last one.
    pub async fn next(&mut self) -> Option<Heard> {
        loop {
            let frame = self.any().await?;
            if frame.first != 0x81 || frame.payload != b"2" {
                return Some(frame);
            }
            self.send("3").await;
        }
    }

    /// The next frame, pings and all; `None` after the last one.
    pub async fn any(&mut self) -> Option<Heard> {
        soon("a frame", self.read()).await
    }

    async fn read(&mut self) -> Option<Heard> {
        let first = self.stream.read_u8().await.ok()?;
        let length = match self.stream.read_u8().await.ok()? {
            126 => u64::from(self.stream.read_u16().await.ok()?),
            127 => self.stream.read_u64().await.ok()?,
            short => u64::from(short),
        };
        let mut payload = vec![0; usize::try_from(length).ok()?];
        self.stream.read_exact(&mut payload).await.ok()?;
        Some(Heard { first, payload })
    }

    /// The next text, which must begin so.
    ///
    /// # Panics
    ///
    /// If something else comes, or the server closes.
    pub async fn text(&mut self, beginning: &str) -> String {
        let heard = self.next().await.unwrap_or_else(|| panic!("no {beginning}, but the end"));
        let text = String::from_utf8_lossy(&heard.payload).into_owned();
        assert!(heard.first == 0x81 && text.starts_with(beginning), "no {beginning}: {heard:?}");
        text
    }

    /// The status with which the server closes, if it names one, as the next thing that it says.
    ///
    /// # Panics
    ///
    /// If it says something else, or ends the connection without closing it.
    pub async fn status(&mut self) -> Option<u16> {
        let heard = self.next().await.expect("a close");
        assert_eq!(heard.first, 0x88, "{heard:?}");
        heard.payload.first_chunk().map(|status| u16::from_be_bytes(*status))
    }

    /// Whether the server ends the connection in order, and does not reset it.
    pub async fn ends(&mut self) -> bool {
        soon("the end", self.stream.read_to_end(&mut Vec::new())).await.is_ok()
    }
}
