//! From polling to WebSocket.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::timeout,
};

use super::{
    frame::{Frame, Part},
    stage::Probe,
    stream::{Limits, Stream, part},
};

/// As Node's `upgradeTimeout`.
const PATIENCE: Duration = Duration::from_secs(10);
const PONG: &[u8] = b"\x81\x063probe";

/// The two messages of a client that has come over, in frames masked with zeros.
const UPGRADE: &[u8] = b"\x81\x86\0\0\0\x002probe\x81\x81\0\0\0\x005";

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
        expect(&mut wire, b"2probe").await?;
        wire.write_all(PONG).await?;
        wire.flush().await?;
        expect(&mut wire, b"5").await
    };
    let result = tokio::select! {
        result = timeout(PATIENCE, probed) => result.unwrap_or_else(|elapsed| Err(elapsed.into())),
        () = probe.ended() => Err(io::ErrorKind::NotConnected.into()),
    };
    match result {
        Ok(()) => Ok(Stream::new(wire, probe.succeed(), limits).replay(UPGRADE, PONG.len())),
        Err(error) => {
            refuse(&mut wire).await;
            Err(error)
        }
    }
}

/// Closes a WebSocket that is no way to a session: as on Node, with a frame that says so.
pub(super) async fn refuse<S: AsyncRead + AsyncWrite + Unpin>(wire: &mut S) {
    if wire.write_all(b"\x88\0").await.is_ok() {
        let _ = part(wire).await; // it may be gone
    }
}

/// Reads a message with this text, in however many frames, and pings before it, which are answered.
async fn expect<S: AsyncRead + AsyncWrite + Unpin>(wire: &mut S, text: &[u8]) -> io::Result<()> {
    let refused = || Err(io::ErrorKind::InvalidData.into());
    let mut message: Option<Vec<u8>> = None;
    loop {
        let mut bytes = vec![0; 6];
        wire.read_exact(&mut bytes[..2]).await?;
        if bytes[1] & 0x80 == 0 || bytes[1] & 0x7f > 125 {
            return refused(); // before the rest, which may never come
        }
        let length = usize::from(bytes[1] & 0x7f);
        bytes.resize(6 + length, 0);
        wire.read_exact(&mut bytes[2..]).await?;
        let Some(frame) = Frame::read(&bytes) else { return refused() };
        let begins = frame.is_text() && message.is_none();
        match frame.part() {
            Some(Part::Between) if bytes[0] == PING => {
                let pong = [&[PONG_FRAME, bytes[1] & 0x7f], &*frame.plain()].concat();
                wire.write_all(&pong).await?;
                continue;
            }
            Some(Part::Between) if bytes[0] == PONG_FRAME => continue,
            Some(Part::Whole | Part::First) if begins => message = Some(frame.plain()),
            Some(Part::Next) if message.is_some() => {
                message.get_or_insert_default().extend(frame.plain());
            }
            _ => return refused(),
        }
        let so_far = message.as_deref().unwrap_or_default();
        if !text.starts_with(so_far) || frame.is_last() && so_far != text {
            return refused();
        }
        if frame.is_last() {
            return Ok(());
        }
    }
}

const PING: u8 = 0x89;
const PONG_FRAME: u8 = 0x8a;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::socket::engine::{backlog::Room, line::Lines};

    const LIMITS: Limits =
        Limits { message: 1024, room: Room { one: 1024, all: 1024 }, time: Duration::from_secs(1) };
    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let masked = payload.iter().map(|byte| byte ^ 7);
        [first, 0x80 | payload.len() as u8, 7, 7, 7, 7].into_iter().chain(masked).collect()
    }

    async fn carry_over(probe: &[u8], pongs: &[u8], upgrade_frames: &[u8]) {
        let line = std::sync::Arc::new(Lines::new(1)).open().unwrap();
        let (mut client, server) = tokio::io::duplex(64);
        let upgraded = tokio::spawn(upgrade(server, line.probe().unwrap(), LIMITS));
        assert!(line.probe().is_none(), "one at a time");
        client.write_all(probe).await.unwrap();
        let mut pong = vec![0; pongs.len() + PONG.len()];
        client.read_exact(&mut pong).await.unwrap();
        assert_eq!(pong, [pongs, PONG].concat());
        client.write_all(upgrade_frames).await.unwrap();
        let mut stream = upgraded.await.unwrap().unwrap();
        stream.write_all(&[PONG, b"\x81\x014"].concat()).await.unwrap();
        let (mut read, mut more) = ([0; 19], [0; 3]);
        stream.read_exact(&mut read).await.unwrap();
        client.read_exact(&mut more).await.unwrap();
        assert_eq!(read, UPGRADE);
        assert_eq!(&more, b"\x81\x014");
        assert!(line.probe().is_none(), "there is no way back");
    }

    #[tokio::test]
    async fn the_engine_reads_the_frames_of_an_upgrade_that_has_succeeded() {
        carry_over(&frame(0x81, b"2probe"), b"", &frame(0x81, b"5")).await;
    }

    #[tokio::test]
    async fn a_probe_may_come_in_parts_and_between_pings() {
        let probe = [
            frame(0x89, b"hi"),
            frame(1, b"2pr"),
            frame(0x8a, b""),
            frame(0, b""),
            frame(0x80, b"obe"),
        ];
        carry_over(&probe.concat(), b"\x8a\x02hi", &[frame(1, b""), frame(0x80, b"5")].concat())
            .await;
    }

    #[tokio::test]
    async fn a_client_whose_probe_fails_hears_so_and_stays_on_polling() {
        let line = std::sync::Arc::new(Lines::new(1)).open().unwrap();
        for frames in [
            frame(0x81, b"3probe"),
            frame(0x81, b"2probe2"),
            frame(0x82, b"2probe"),
            frame(1, b"3"),
            frame(0, b"2probe"),
            frame(0xc1, b"2probe"),
            b"\x81\x062probe".to_vec(),
            [frame(0x81, b"2probe"), frame(0x81, b"2probe")].concat(),
            [frame(1, b"2pro"), frame(0x81, b"be")].concat(),
            frame(0x88, b""),
            Vec::new(),
        ] {
            let (mut client, server) = tokio::io::duplex(64);
            client.write_all(&frames).await.unwrap();
            client.shutdown().await.unwrap();
            assert!(upgrade(server, line.probe().unwrap(), LIMITS).await.is_err());
            let mut heard = Vec::new();
            client.read_to_end(&mut heard).await.unwrap();
            assert!(heard.ends_with(b"\x88\0"), "{frames:?}: {heard:?}");
        }
        assert!(line.probe().is_some());
    }

    #[tokio::test]
    async fn a_probe_ends_with_its_session() {
        let line = std::sync::Arc::new(Lines::new(1)).open().unwrap();
        let (mut client, server) = tokio::io::duplex(64);
        let upgraded = tokio::spawn(upgrade(server, line.probe().unwrap(), LIMITS));
        line.end();
        let mut heard = Vec::new();
        client.read_to_end(&mut heard).await.unwrap();
        assert_eq!(heard, b"\x88\0");
        drop(client);
        assert!(upgraded.await.unwrap().is_err());
        assert!(line.probe().is_none());
    }
}
