//! What a client sends over WebSocket and by polling, on its way to the engine. In how many pieces
//! frames arrive makes no difference.

pub(crate) fn run(bytes: &[u8]) {
    let (&kind, bytes) = bytes.split_first().unwrap_or((&b'P', b""));
    if kind == b'P' {
        drop(ioserver::fuzzing::payload(bytes));
        return;
    }
    // `T`: one text frame with this payload; else the frames themselves.
    let frame;
    let frames = if kind == b'T' {
        frame = text_frame(bytes);
        &*frame
    } else {
        bytes
    };
    let whole = ioserver::fuzzing::frames(frames, frames.len().max(1));
    for size in [1, 2, 3, 7, 64] {
        assert_eq!(ioserver::fuzzing::frames(frames, size), whole, "in pieces of {size}");
    }
}

fn text_frame(payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [1, 2, 3, 200];
    let length = u16::try_from(payload.len()).unwrap_or(u16::MAX);
    let mut frame = vec![0x81, 0xfe];
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(&MASK);
    let payload = payload.iter().take(length.into()).enumerate();
    frame.extend(payload.map(|(index, byte)| byte ^ MASK[index % 4]));
    frame
}
