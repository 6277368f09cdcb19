use super::*;
use crate::socket::engine::line::Lines;

fn frames() -> Frames {
    let lines = Lines::new(1);
    lines.know(["/chat".to_owned()]);
    Frames::new(lines.websocket(), LIMIT)
}

const LIMIT: usize = 5000;
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

/// A message in frames of these parts.
fn in_parts(opcode: u8, parts: &[&[u8]]) -> Vec<Vec<u8>> {
    let last = parts.len() - 1;
    let part = |(index, part): (usize, &&[u8])| {
        let mut frame = frame(if index == 0 { opcode } else { 0 }, part);
        frame[0] &= if index == last { 0xff } else { 0x7f };
        frame
    };
    parts.iter().enumerate().map(part).collect()
}

/// What the engine reads when the bytes arrive in pieces of this size.
fn through(bytes: &[u8], size: usize) -> Vec<u8> {
    let (mut frames, mut read) = (frames(), Vec::new());
    for piece in bytes.chunks(size) {
        if frames.is_over() {
            break; // as the stream does
        }
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
    for payload in [&b"42["[..], br#"42["a\"#, br#"42["\x"]"#, b"42[5"] {
        let bytes = frame(1, payload);
        assert_eq!(through(&bytes, 3), bytes);
    }
}

#[test]
fn frames_that_websocket_does_not_allow_are_refused() {
    let unmasked = [0x81, 5, b'4', b'2', b'[', b'5', b']'];
    let compressed = [0xc1, 0x81, 0, 0, 0, 0, b'3'];
    let unknown = [0x83, 0x81, 0, 0, 0, 0, b'3'];
    let part_of_a_ping = [0x09, 0x80, 0, 0, 0, 0];
    let long_ping = frame(9, &[0; 126]);
    for wrong in [&unmasked[..], &compressed, &unknown, &part_of_a_ping, &long_ping] {
        for size in 1..wrong.len() {
            assert_eq!(through(wrong, size), OUT_OF_ORDER, "{wrong:?}");
        }
    }
}

#[test]
fn a_message_in_parts_is_one_to_the_engine_in_pieces_of_any_size() {
    let long = "b".repeat(300);
    let parts: [&[u8]; 5] = [b"42[\"ec", b"", b"ho\",\"", long.as_bytes(), b"\"]"];
    let mut bytes = in_parts(1, &parts);
    bytes.insert(2, frame(9, b"are you there?"));
    bytes.insert(5, frame(10, b""));
    bytes.push(frame(1, b"3"));
    bytes.extend(in_parts(2, &[&[1, 2], &[3]]));
    bytes.extend(in_parts(1, &[br#"42["caf\u00"#, br#"e9",1]"#]));
    bytes.extend(in_parts(1, &[b"", b"3"]));
    let bytes = bytes.concat();
    for size in 1..=bytes.len() {
        let read = payloads(&through(&bytes, size));
        let whole = format!("42[\"echo\",\"{long}\"]");
        assert_eq!(read[..5], ["are you there?", "", &whole, "3", "\u{1}\u{2}\u{3}"]);
        assert!(read[5].starts_with("42[\"\u{F8FF}") && read[5].ends_with(",1]"), "{}", read[5]);
        assert_eq!(read[6..], ["3"]);
    }
}

#[test]
fn a_message_in_parts_is_judged_as_a_whole() {
    for (packet, expected) in [("41x", "49"), ("2probe", "49"), ("0{}", "3}")] {
        for cut in 1..packet.len() {
            let (one, two) = packet.as_bytes().split_at(cut);
            let mut bytes = in_parts(1, &[one, two]).concat();
            bytes.extend(frame(1, b"3"));
            let read = payloads(&through(&bytes, bytes.len()));
            let after = if expected == "49" { &[][..] } else { &["3".to_owned()][..] };
            assert_eq!(read[1..], *after, "{packet}, {cut}");
            assert!(read[0].starts_with(&expected[..1]), "{packet}, {cut}: {}", read[0]);
        }
    }
}

#[test]
fn a_message_in_parts_that_is_too_long_is_refused_before_all_of_it_is_there() {
    let part = vec![b'a'; LIMIT / 2];
    let all = in_parts(1, &[&part, &part, b"b", &part]).concat();
    for size in [1, 100, all.len()] {
        let read = through(&all, size);
        let frame = Frame::read(&read).unwrap();
        assert_eq!((frame.length, frame.payload().len()), (LIMIT as u64 + 1, 0));
    }
    let fits = in_parts(2, &[&part, &part]).concat();
    assert_eq!(payloads(&through(&fits, 100))[0].len(), LIMIT);
}

#[test]
fn parts_that_are_out_of_order_are_refused() {
    let first = &in_parts(1, &[b"42[", b"1]"])[0];
    let unmasked = [0x80, 1, b'x'];
    let compressed = [0xc0, 0x81, 0, 0, 0, 0, b'x'];
    for wrong in [&frame(1, b"3")[..], &frame(2, b"3"), first, &unmasked, &compressed] {
        let bytes = [first, wrong, &frame(1, b"3")].concat();
        for size in 1..bytes.len() {
            assert_eq!(through(&bytes, size), OUT_OF_ORDER, "{wrong:?}");
        }
    }
}

#[test]
fn a_long_ack_is_held_until_it_can_be_judged() {
    let ack = |end: &str| frame(1, format!("431[\"{}\"]{end}", "a".repeat(4500)).as_bytes());
    assert_eq!(through(&ack(""), 100), ack(""));
    assert_eq!(payloads(&through(&ack("x"), 100)), ["49"]);
    let endless = [0x81, 0xff, 255, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3, 4, 9, 9];
    for too_long in [&frame(1, &[b'a'; LIMIT + 1])[..], &endless] {
        let read = through(too_long, 15);
        assert_eq!(Frame::read(&read).unwrap().length, LIMIT as u64 + 1);
        assert!(read.len() < 15, "the header is enough");
    }
}

#[test]
fn thousands_of_packets_that_are_replaced_take_no_more_of_the_stack_than_one() {
    let bytes = frame(1, b"0").repeat(100_000);
    let small = std::thread::Builder::new().stack_size(64 * 1024);
    let read = small.spawn(move || through(&bytes, bytes.len())).unwrap().join().unwrap();
    assert_eq!(payloads(&read), ["3"; 100_000]);
}
