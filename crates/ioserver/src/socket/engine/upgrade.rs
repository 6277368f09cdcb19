//! From polling to WebSocket.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::timeout,
};

use super::{
    line::Probe,
    stream::{Limits, Stream},
};

/// As Node's `upgradeTimeout`.
const PATIENCE: Duration = Duration::from_secs(10);
const PONG: &[u8] = b"\x81\x063probe";

/// Carries a client over to WebSocket, up to the point where it has left polling.
///
/// The engine would do this itself, but ends the session if the probe fails, so that a client
/// behind a proxy that breaks WebSockets would never get anywhere. It gets the frames of an upgrade
/// that has succeeded.
pub(super) async fn upgrade<S>(mut wire: S, probe: Probe, limits: Limits) -> io::Result<Stream<S>>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let probed = async {
        let ping = expect(&mut wire, b"2probe").await?;
        wire.write_all(PONG).await?;
        wire.flush().await?;
        let upgrade = expect(&mut wire, b"5").await?;
        Ok([ping, upgrade].concat())
    };
    match timeout(PATIENCE, probed).await {
        Ok(Ok(frames)) => {
            Ok(Stream::new(wire, probe.succeed(), limits).replay(&frames, PONG.len()))
        }
        Ok(Err(error)) => {
            let _ = wire.shutdown().await; // it may be gone
            Err(error)
        }
        Err(elapsed) => Err(elapsed.into()),
    }
}

/// Reads a text frame with this payload, and nothing else; gives it back as it came.
async fn expect<R: AsyncRead + Unpin>(wire: &mut R, payload: &[u8]) -> io::Result<Vec<u8>> {
    let refused = || Err(io::ErrorKind::InvalidData.into());
    // RFC 6455 section 5.2: a final text frame, masked, with a length of seven bits.
    let length = u8::try_from(payload.len()).unwrap_or(u8::MAX);
    let mut frame = vec![0; 2];
    wire.read_exact(&mut frame).await?;
    if frame != [0x81, 0x80 | length] {
        return refused(); // before the rest, which may never come
    }
    frame.resize(6 + payload.len(), 0);
    wire.read_exact(&mut frame[2..]).await?;
    let (mask, masked) = frame[2..].split_at(4);
    let plain = masked.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key);
    if !plain.eq(payload.iter().copied()) {
        return refused();
    }
    Ok(frame)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::socket::engine::line::Lines;

    const LIMITS: Limits = Limits { message: 1024, backlog: 1024, time: Duration::from_secs(1) };
    const PING: [u8; 12] = [0x81, 0x86, 0, 0, 0, 0, b'2', b'p', b'r', b'o', b'b', b'e'];
    const UPGRADE: [u8; 7] = [0x81, 0x81, 7, 0, 0, 0, b'5' ^ 7];

    #[tokio::test]
    async fn the_engine_reads_the_frames_of_an_upgrade_that_has_succeeded() {
        let line = std::sync::Arc::new(Lines::default()).open();
        let (mut client, server) = tokio::io::duplex(64);
        let upgraded = tokio::spawn(upgrade(server, line.probe().unwrap(), LIMITS));
        assert!(line.probe().is_none(), "one at a time");
        client.write_all(&PING).await.unwrap();
        let mut pong = [0; 8];
        client.read_exact(&mut pong).await.unwrap();
        assert_eq!(pong, PONG);
        client.write_all(&UPGRADE).await.unwrap();
        let mut stream = upgraded.await.unwrap().unwrap();
        stream.write_all(&[PONG, b"\x81\x014"].concat()).await.unwrap();
        let (mut read, mut more) = ([0; 19], [0; 3]);
        stream.read_exact(&mut read).await.unwrap();
        client.read_exact(&mut more).await.unwrap();
        assert_eq!(read, [&PING[..], &UPGRADE[..]].concat()[..]);
        assert_eq!(&more, b"\x81\x014");
        assert!(line.probe().is_none(), "there is no way back");
    }

    #[tokio::test]
    async fn a_client_whose_probe_fails_stays_on_polling() {
        let line = std::sync::Arc::new(Lines::default()).open();
        for frames in [&b"\x81\x86\0\0\0\x003probe"[..], &PING[..], b""] {
            let (mut client, server) = tokio::io::duplex(64);
            client.write_all(frames).await.unwrap();
            client.shutdown().await.unwrap();
            assert!(upgrade(server, line.probe().unwrap(), LIMITS).await.is_err());
        }
        assert!(line.probe().is_some());
    }
}
