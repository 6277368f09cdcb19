//! What Node's Socket.IO makes of a packet that socketioxide takes otherwise.
//!
//! Node's parser closes the connection at a packet that is malformed, or whose namespace the client
//! has not joined; socketioxide passes over some of those. And Node passes over some at which
//! socketioxide closes. So each packet is looked at before the engine has it.

use serde::de::IgnoredAny;

use super::{fault::Fault, line::Line};
use crate::socket::RESERVED;

/// How far into a packet is looked for the name of an event. Longer ones are the engine's matter.
const REACH: usize = 4096;
/// Stands after the last byte; no UTF-8 has it.
const END: u8 = 0xff;

/// A message by which the engine closes the connection: there is no such packet.
pub(super) const NO_PACKET: &[u8] = b"49";

/// What is to be done with an Engine.IO message.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Head {
    /// The engine does with it what Node does.
    Plain,
    /// An event whose name, quotes and all, stands between these bytes, and is written otherwise.
    Unreadable(usize, usize),
    /// Node passes over it. The engine must not see its first two bytes.
    Ignored,
    /// Node closes the connection.
    Refused(Fault),
    /// More bytes are needed to tell.
    Unfinished,
    /// The whole message is needed to tell.
    Whole,
}

/// Looks at a message of which so many bytes are known: the `whole` of it, or its beginning.
pub(super) fn look(line: &Line, known: usize, whole: bool, byte: impl Fn(usize) -> u8) -> Head {
    let at = |index: usize| match index < known {
        true => Some(byte(index)),
        false => whole.then_some(END),
    };
    let unknown = if known < REACH { Head::Unfinished } else { Head::Plain };
    find(line, &at).unwrap_or(unknown)
}

/// `None` if the known bytes end too early.
fn find(line: &Line, at: &impl Fn(usize) -> Option<u8>) -> Option<Head> {
    match at(0)? {
        b'4' => message(line, at),
        b'2' => Some(Head::Refused(Fault::Heartbeat)),
        b'3' if at(1)? == END => Some(Head::Plain),
        b'0' | b'3' | b'5' | b'6' if at(1).is_some() => Some(Head::Ignored),
        b'0' | b'5' | b'6' => None,
        b'1' | b'b' => Some(Head::Plain),
        _ => Some(Head::Refused(Fault::NoPacket)),
    }
}

/// `<type>[<attachments>-][<namespace>,][<id>][<JSON>]`, after the `4`.
fn message(line: &Line, at: &impl Fn(usize) -> Option<u8>) -> Option<Head> {
    let digits = |mut index: usize| {
        while at(index)?.is_ascii_digit() {
            index += 1;
        }
        Some(index)
    };
    let kind = at(1)?;
    let mut next = match kind {
        b'0'..=b'3' => 2,
        b'5' | b'6' => {
            let end = digits(2)?;
            match at(end)? {
                b'-' if (2..end).any(|index| at(index) != Some(b'0')) => end + 1,
                _ => return Some(Head::Refused(Fault::Payload)),
            }
        }
        _ => return Some(Head::Refused(Fault::Payload)),
    };
    let mut namespace = Some("/");
    if at(next)? == b'/' {
        let start = next;
        while !matches!(at(next)?, b',' | END) {
            next += 1;
        }
        namespace = line.known().find(|name| is(name, start, next, at));
        if at(next)? == b',' {
            next += 1;
        }
    }
    let data = digits(next)?;
    let (has_id, first) = (data > next, at(data)?);
    let Some(namespace) = namespace else {
        return match kind {
            b'0' if first == END => Some(Head::Plain), // the engine answers it
            b'0' => json::<std::collections::HashMap<String, IgnoredAny>>(data, at),
            _ => Some(Head::Refused(Fault::Payload)),
        };
    };
    let ignored = || if line.has_joined(namespace) { Head::Ignored } else { Head::Plain };
    match (kind, first) {
        (b'0', _) if line.has_joined(namespace) => Some(Head::Refused(Fault::Payload)),
        (b'0', END) => Some(Head::Plain),
        (b'0', _) => json::<std::collections::HashMap<String, IgnoredAny>>(data, at),
        (b'1', END) if line.leave(namespace) => Some(Head::Plain),
        (b'1', _) => Some(Head::Refused(Fault::Payload)),
        (b'3', END) => Some(ignored()),
        (b'3', b'[') if !has_id => Some(ignored()),
        (b'3' | b'6', b'[') => json::<Vec<IgnoredAny>>(data, at),
        (b'3', _) => Some(Head::Refused(Fault::Payload)),
        (b'2', END) => Some(ignored()),
        (b'2' | b'5', b'[') => name(data + 1, at),
        (b'2' | b'5', b' ' | b'\t'..=b'\r') => Some(Head::Plain),
        (b'2' | b'5', _) => Some(Head::Refused(Fault::Payload)),
        _ => Some(Head::Plain),
    }
}

/// Whether these bytes are the text.
fn is(text: &str, start: usize, end: usize, at: &impl Fn(usize) -> Option<u8>) -> bool {
    text.len() == end - start
        && text.bytes().enumerate().all(|(index, byte)| at(start + index) == Some(byte))
}

/// Whether what stands from here to the end is the JSON of a `T`.
fn json<T: serde::de::DeserializeOwned>(
    mut index: usize,
    at: &impl Fn(usize) -> Option<u8>,
) -> Option<Head> {
    let mut text = Vec::new();
    loop {
        match at(index) {
            None => return Some(Head::Whole),
            Some(END) => break,
            Some(byte) => text.push(byte),
        }
        index += 1;
    }
    let is_one = serde_json::from_slice::<T>(&text).is_ok();
    Some(if is_one { Head::Plain } else { Head::Refused(Fault::Payload) })
}

/// Looks at an event's name, the first item of a list that begins before this byte.
fn name(mut start: usize, at: &impl Fn(usize) -> Option<u8>) -> Option<Head> {
    while at(start)?.is_ascii_whitespace() {
        start += 1;
    }
    let mut index = start;
    if at(start)? != b'"' {
        let numeric = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
        while numeric(at(index)?) {
            index += 1;
        }
        let is_number = index > start && at(index)? != END;
        return Some(if is_number { Head::Unreadable(start, index) } else { Head::Plain });
    }
    let mut escaped = false;
    loop {
        index += 1;
        match at(index)? {
            END => return Some(Head::Plain), // the engine refuses it
            b'"' if escaped => return Some(Head::Unreadable(start, index + 1)),
            b'"' if RESERVED.iter().any(|name| is(name, start + 1, index, at)) => {
                return Some(Head::Refused(Fault::Payload));
            }
            b'"' => return Some(Head::Plain),
            b'\\' => (escaped, index) = (true, index + 1),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::socket::engine::line::Lines;

    fn head(packet: &str) -> Head {
        let lines = Arc::new(Lines::new(1));
        lines.know(["/".to_owned(), "/chat".to_owned()]);
        look(&lines.websocket(), packet.len(), true, |index| packet.as_bytes()[index])
    }

    fn name_in(packet: &str) -> Option<&str> {
        match head(packet) {
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
        for plain in [r#"42["echo","\n"]"#, "42[]", "42[null]", r#"431["\n"]"#, "3", r#"40{"a":1}"#]
        {
            assert_eq!(head(plain), Head::Plain, "{plain}");
        }
    }

    #[test]
    fn what_node_refuses_is_refused() {
        for packet in [
            "2",
            "2probe",
            "42/nope,[\"a\"]",
            "41/nope",
            "43/nope,1[]",
            "451-/nope,[\"a\"]",
            "40/nope,\"x\"",
            "40[]",
            "40null",
            "40{\"a\"",
            "40{}x",
            "41",
            "411",
            "41x",
            "41/chat,{}",
            "450-[]",
            "431{}",
            "431[]x",
            "42[\"disconnect\"]",
            "45-[\"a\"]",
        ] {
            assert!(matches!(head(packet), Head::Refused(_)), "{packet}");
        }
        for (packet, fault) in [
            ("", Fault::NoPacket),
            ("7", Fault::NoPacket),
            ("2", Fault::Heartbeat),
            ("47", Fault::Payload),
            ("42[\"connect\"]", Fault::Payload),
            ("42/nope,[\"a\"]", Fault::Payload),
        ] {
            assert_eq!(head(packet), Head::Refused(fault), "{packet}");
        }
        for packet in ["0", "0{}", "3probe", "5", "6x"] {
            assert_eq!(head(packet), Head::Ignored, "{packet}");
        }
        for packet in ["3", "40", "40/chat", "40/nope", "40/chat,1{}", "42", "1", "bAQ=="] {
            assert_eq!(head(packet), Head::Plain, "{packet}");
        }
    }

    #[test]
    fn a_beginning_is_not_taken_for_the_whole() {
        let line = Arc::new(Lines::new(1)).websocket();
        for cut in [
            "",
            "0",
            "4",
            "42",
            "45",
            "451",
            "42/chat",
            "42/chat,1",
            "42[",
            r#"42["a\"#,
            "42[5",
            "41",
        ] {
            let head = look(&line, cut.len(), false, |index| cut.as_bytes()[index]);
            assert_eq!(head, Head::Unfinished, "{cut}");
        }
        for cut in ["40{}", "431[]"] {
            let head = look(&line, cut.len(), false, |index| cut.as_bytes()[index]);
            assert_eq!(head, Head::Whole, "{cut}");
        }
    }
}
