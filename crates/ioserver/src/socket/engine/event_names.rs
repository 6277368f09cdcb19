//! Event names that socketioxide cannot read.
//!
//! It borrows an event's name from the packet, and closes the connection if the name cannot be
//! borrowed: if there is an escape in it (`"caf\u00e9"`, as clients write it whose JSON is ASCII) or
//! if it is a number. So such a name is written otherwise before the engine sees it, and read back
//! where the event is dispatched.

use std::borrow::Cow;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;

use super::{
    judge::{Head, NO_PACKET, look},
    line::Line,
};

/// A private-use character, which no escape is needed for.
const MARK: char = '\u{F8FF}';
const PADDING: char = '~';
/// The name in a form that the engine reads, longer or shorter by a multiple of four bytes, which
/// keeps the masking of a WebSocket frame in step. `None` if it is no JSON.
pub(super) fn readable(name: &[u8]) -> Option<String> {
    let decoded = match name.first()? {
        b'"' => serde_json::from_slice::<String>(name).ok()?,
        _ => serde_json::from_slice::<serde_json::Number>(name).ok()?.to_string(),
    };
    let mut text = format!("\"{MARK}");
    BASE64_URL_SAFE_NO_PAD.encode_string(decoded, &mut text);
    while (text.len() + 1) % 4 != name.len() % 4 {
        text.push(PADDING);
    }
    text.push('"');
    Some(text)
}

/// The name that a client sent, from the form that the engine has read.
pub(crate) fn sent(name: &str) -> Cow<'_, str> {
    let Some(text) = name.strip_prefix(MARK) else { return Cow::Borrowed(name) };
    let decoded = BASE64_URL_SAFE_NO_PAD.decode(text.trim_end_matches(PADDING)).ok();
    match decoded.and_then(|bytes| String::from_utf8(bytes).ok()) {
        Some(decoded) => Cow::Owned(decoded),
        None => Cow::Borrowed(name), // a client wrote the mark itself
    }
}

/// A polling payload as the engine is to have it: one in which it can read all names, and which ends
/// where Node closes the connection.
pub(super) fn readable_payload(payload: Bytes, line: &Line) -> Bytes {
    const SEPARATOR: u8 = 0x1e;
    let head = |packet: &[u8]| look(line, packet.len(), true, |index| packet[index]);
    let heads: Vec<_> = payload.split(|&byte| byte == SEPARATOR).map(head).collect();
    if heads.iter().all(|head| matches!(head, Head::Plain | Head::Unfinished | Head::Whole)) {
        return payload;
    }
    let mut written = Vec::with_capacity(payload.len() + 64);
    for (packet, head) in payload.split(|&byte| byte == SEPARATOR).zip(heads) {
        if !written.is_empty() {
            written.push(SEPARATOR);
        }
        match head {
            Head::Unreadable(start, end) => match readable(&packet[start..end]) {
                Some(name) => {
                    written.extend_from_slice(&packet[..start]);
                    written.extend_from_slice(name.as_bytes());
                    written.extend_from_slice(&packet[end..]);
                }
                None => written.extend_from_slice(packet),
            },
            Head::Ignored => written.push(b'3'),
            Head::Refused(fault) => {
                line.blame(fault);
                written.extend_from_slice(NO_PACKET);
                break;
            }
            Head::Plain | Head::Unfinished | Head::Whole => written.extend_from_slice(packet),
        }
    }
    written.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::socket::engine::line::Lines;

    #[test]
    fn a_name_comes_back_as_it_was_and_keeps_the_mask_in_step() {
        let names =
            [r#""caf\u00e9""#, r#""a\"b""#, r#""\u0000""#, "5", "-1.5e3", r#""\ud83d\ude80""#];
        for name in names {
            let written = readable(name.as_bytes()).unwrap();
            assert_eq!(written.len() % 4, name.len() % 4);
            let read: String = serde_json::from_str(&written).unwrap();
            assert!(!written.contains('\\'));
            let value: serde_json::Value = serde_json::from_str(name).unwrap();
            let expected = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            assert_eq!(sent(&read), expected);
        }
        assert_eq!(readable(br#""\x""#), None);
        assert_eq!(sent("echo"), "echo");
        assert_eq!(sent("\u{F8FF}***"), "\u{F8FF}***");
    }

    #[test]
    fn other_packets_of_a_payload_stay_as_they_are() {
        let payload = Bytes::from_static(b"3\x1e42[\"\\u0061\",1]\x1e42[\"b\"]");
        let line = std::sync::Arc::new(Lines::new(1)).websocket();
        let written = readable_payload(payload, &line);
        let packets: Vec<_> = written.split(|&byte| byte == 0x1e).collect();
        assert_eq!(packets.len(), 3);
        assert_eq!((packets[0], packets[2]), (&b"3"[..], &br#"42["b"]"#[..]));
        assert!(packets[1].ends_with(b",1]") && !packets[1].contains(&b'\\'));
        let plain = Bytes::from_static(b"42[\"b\"]");
        let refused = Bytes::from_static(b"6\x1e41x\x1e42[\"b\"]");
        assert_eq!(readable_payload(refused, &line), &b"3\x1e49"[..]);
        assert_eq!(readable_payload(plain.clone(), &line).as_ptr(), plain.as_ptr());
    }
}
