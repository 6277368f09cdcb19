//! The frames that the engine writes to a client, as Node's would be.

/// What the engine says before it closes a WebSocket: Node's closes it without a packet.
const CLOSE_PACKET: &[u8] = b"\x81\x011";
const CLOSE: &[u8] = b"\x88\x00";

/// Whole frames without the packet that closes, and with a status in the frame that does. `None`
/// if they stay as they are.
pub(super) fn as_node(frames: &[u8], close_code: Option<u16>) -> Option<Vec<u8>> {
    let (mut rest, mut written, mut kept) = (frames, None::<Vec<u8>>, 0);
    while let Some(length) = length(rest) {
        let (frame, behind) = rest.split_at(length.min(rest.len()));
        let at = frames.len() - rest.len();
        rest = behind;
        let instead = match (frame, close_code) {
            (CLOSE_PACKET, _) => Vec::new(),
            (CLOSE, Some(code)) => [&[0x88, 2][..], &code.to_be_bytes()].concat(),
            _ => continue,
        };
        let written = written.get_or_insert_default();
        written.extend_from_slice(&frames[kept..at]);
        written.extend_from_slice(&instead);
        kept = at + frame.len();
    }
    written.map(|mut written| {
        written.extend_from_slice(&frames[kept..]);
        written
    })
}

/// How long the first of these frames is, none of which is masked.
fn length(frames: &[u8]) -> Option<usize> {
    let (head, rest) = frames.split_first_chunk::<2>()?;
    let (header, length) = match head[1] {
        126 => (4, u64::from(u16::from_be_bytes(*rest.first_chunk()?))),
        127 => (10, u64::from_be_bytes(*rest.first_chunk()?)),
        short => (2, u64::from(short)),
    };
    usize::try_from(length).ok().and_then(|length| length.checked_add(header))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packet_that_closes_is_left_out_wherever_it_stands() {
        let event = b"\x81\x042[1]";
        let binary = b"\x82\x03\x81\x011"; // looks like it, and is an attachment
        let long = [&b"\x81\x7e\x01\x00"[..], &[b'1'; 256]].concat();
        for frames in [&event[..], binary, &long, CLOSE, b""] {
            assert_eq!(as_node(frames, None), None);
        }
        let all = [&event[..], CLOSE_PACKET, binary, &long, CLOSE_PACKET, CLOSE].concat();
        let left = [&event[..], binary, &long, CLOSE].concat();
        assert_eq!(as_node(&all, None).unwrap(), left);
        assert_eq!(as_node(CLOSE_PACKET, None).unwrap(), b"");
    }

    #[test]
    fn a_status_stands_in_the_frame_that_closes() {
        let frames = [CLOSE_PACKET, CLOSE].concat();
        assert_eq!(as_node(&frames, Some(1009)).unwrap(), b"\x88\x02\x03\xf1");
        assert_eq!(as_node(CLOSE, Some(1002)).unwrap(), b"\x88\x02\x03\xea");
    }
}
