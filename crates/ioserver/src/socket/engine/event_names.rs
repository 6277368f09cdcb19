//! Event names that socketioxide cannot read.
//!
//! It borrows an event's name from the packet, and closes the connection if the name cannot be
//! borrowed: if there is an escape in it (`"caf\u00e9"`, as clients write it whose JSON is ASCII) or
//! if it is a number. So such a name is written otherwise before the engine sees it, and read back
//! where the event is dispatched.

use std::borrow::Cow;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;

/// A private-use character, which no escape is needed for.
const MARK: char = '\u{F8FF}';
const PADDING: char = '~';
/// How far a name is looked for. Longer ones are the engine's matter.
const REACH: usize = 4096;

/// What the beginning of an Engine.IO message holds.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Head {
    /// Nothing to be written otherwise.
    Plain,
    /// A name, quotes and all, that stands between these bytes.
    Unreadable(usize, usize),
    /// More bytes are needed to tell.
    Unfinished,
}

/// Looks at a message whose first `length` bytes are known.
pub(super) fn look(length: usize, byte: impl Fn(usize) -> u8) -> Head {
    let known = |index: usize| (index < length).then(|| byte(index));
    find(known).unwrap_or(if length < REACH { Head::Unfinished } else { Head::Plain })
}

/// `None` if the known bytes end too early.
fn find(byte: impl Fn(usize) -> Option<u8>) -> Option<Head> {
    // `4` is a message, `2` an event and `5` one with attachments, whose count a `-` ends.
    if byte(0)? != b'4' {
        return Some(Head::Plain);
    }
    let digits = |mut at: usize| {
        while byte(at)?.is_ascii_digit() {
            at += 1;
        }
        Some(at)
    };
    let mut at = match byte(1)? {
        b'2' => 2,
        b'5' => digits(2)? + 1,
        _ => return Some(Head::Plain),
    };
    if byte(at)? == b'/' {
        while byte(at)? != b',' {
            at += 1;
        }
        at += 1;
    }
    at = digits(at)?;
    if byte(at)? != b'[' {
        return Some(Head::Plain);
    }
    at += 1;
    while byte(at)?.is_ascii_whitespace() {
        at += 1;
    }
    let start = at;
    if byte(at)? != b'"' {
        let numeric = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
        while numeric(byte(at)?) {
            at += 1;
        }
        return Some(if at == start { Head::Plain } else { Head::Unreadable(start, at) });
    }
    let mut escaped = false;
    loop {
        at += 1;
        match byte(at)? {
            b'"' if escaped => return Some(Head::Unreadable(start, at + 1)),
            b'"' => return Some(Head::Plain),
            b'\\' => (escaped, at) = (true, at + 1),
            _ => {}
        }
    }
}

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

/// A polling payload in which the engine can read all names.
pub(super) fn readable_payload(payload: Bytes) -> Bytes {
    const SEPARATOR: u8 = 0x1e;
    let unreadable = |packet: &[u8]| match look(packet.len(), |index| packet[index]) {
        Head::Unreadable(start, end) => Some((start, end, readable(&packet[start..end])?)),
        _ => None,
    };
    if payload.split(|&byte| byte == SEPARATOR).all(|packet| unreadable(packet).is_none()) {
        return payload;
    }
    let mut written = Vec::with_capacity(payload.len() + 64);
    for (index, packet) in payload.split(|&byte| byte == SEPARATOR).enumerate() {
        if index > 0 {
            written.push(SEPARATOR);
        }
        match unreadable(packet) {
            Some((start, end, name)) => {
                written.extend_from_slice(&packet[..start]);
                written.extend_from_slice(name.as_bytes());
                written.extend_from_slice(&packet[end..]);
            }
            None => written.extend_from_slice(packet),
        }
    }
    written.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_in(packet: &str) -> Option<&str> {
        match look(packet.len(), |index| packet.as_bytes()[index]) {
            Head::Unreadable(start, end) => Some(&packet[start..end]),
            _ => None,
        }
    }

    #[test]
    fn names_with_escapes_and_numbers_are_found_wherever_they_stand() {
        assert_eq!(name_in(r#"42["caf\u00e9",1]"#), Some(r#""caf\u00e9""#));
        assert_eq!(name_in(r#"42/chat,17[ "a\"b"]"#), Some(r#""a\"b""#));
        assert_eq!(name_in(r#"452-/chat,1["\\",{}]"#), Some(r#""\\""#));
        assert_eq!(name_in("42[5]"), Some("5"));
        for plain in
            [r#"42["echo","\n"]"#, "42[]", "42[null]", r#"431["\n"]"#, "2probe", r#"40{"a":1}"#]
        {
            assert_eq!(name_in(plain), None, "{plain}");
        }
        for cut in ["4", "42", "45", "451", "42/chat", "42/chat,1", "42[", r#"42["a\"#, "42[5"] {
            assert_eq!(look(cut.len(), |index| cut.as_bytes()[index]), Head::Unfinished, "{cut}");
        }
    }

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
        let payload = Bytes::from_static(b"2\x1e42[\"\\u0061\",1]\x1e42[\"b\"]");
        let written = readable_payload(payload);
        let packets: Vec<_> = written.split(|&byte| byte == 0x1e).collect();
        assert_eq!(packets.len(), 3);
        assert_eq!((packets[0], packets[2]), (&b"2"[..], &br#"42["b"]"#[..]));
        assert!(packets[1].ends_with(b",1]") && !packets[1].contains(&b'\\'));
        let plain = Bytes::from_static(b"42[\"b\"]");
        assert_eq!(readable_payload(plain.clone()).as_ptr(), plain.as_ptr());
    }
}
