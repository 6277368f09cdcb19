//! What lasts longer than every limit, because it is alive.
#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

mod support;

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures_core::Stream;
use ioserver::{Event, IOServerOptions, Limits, Reply, SocketOptions, controller};
use support::{Server, answers};
use tokio::{
    io::AsyncReadExt,
    time::{Interval, interval},
};

const SHORT: Duration = Duration::from_millis(100);

/// Everything that waits for a client is shorter than the pauses below.
fn options() -> IOServerOptions {
    let limits = Limits {
        header_read: SHORT,
        body_idle: SHORT,
        keep_alive: SHORT,
        write_idle: SHORT,
        ..Limits::default()
    };
    let socket = SocketOptions { ping_interval: SHORT * 4, ..SocketOptions::default() };
    IOServerOptions { limits, socket, ..Default::default() }
}

struct Clock;

#[controller]
impl Clock {
    pub async fn ticks(&self) -> Reply {
        Reply::events(Ticks { interval: interval(SHORT * 3), left: 3 })
    }
}

struct Ticks {
    interval: Interval,
    left: u8,
}

impl Stream for Ticks {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.interval.poll_tick(context).map(|_| {
            self.left -= 1;
            Some(Event::new("tick"))
        })
    }
}

#[tokio::test]
async fn server_sent_events_last_as_long_as_they_come() {
    let routes = r#"[{ "method": "GET", "url": "/ticks", "handler": "ticks" }]"#;
    let server = Server::with(options(), routes, Clock).await;
    let events =
        server.exchange("GET /ticks HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert_eq!(events.matches("data: tick").count(), 3, "{events}");
    assert!(events.ends_with("0\r\n\r\n"), "{events}");
}

#[tokio::test]
async fn a_poll_lasts_until_there_is_something_to_say() {
    let server = Server::start(options()).await;
    let mut wire = server.connect().await;
    let get = |query: &str| {
        format!("GET /socket.io/?EIO=4&transport=polling{query} HTTP/1.1\r\nHost: x\r\n\r\n")
    };
    wire.send(&get("")).await;
    let open = wire.answer().await;
    let sid = open.split("\"sid\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    for _ in 0..2 {
        let mut poll = server.connect().await;
        poll.send(&get(&format!("&sid={sid}"))).await;
        let ping = poll.answer().await;
        assert!(ping.ends_with("\r\n\r\n2"), "{ping}");
        let mut post = server.connect().await;
        post.send(&format!(
            "POST /socket.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n3"
        ))
        .await;
        assert!(post.answer().await.ends_with("ok"));
    }
}

#[tokio::test]
async fn a_websocket_lasts_while_it_is_silent() {
    let server = Server::start(options()).await;
    let mut wire = server.connect().await;
    wire.send(
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    )
    .await;
    let mut read = Vec::new();
    // A ping of Engine.IO is the text frame `2`; the second comes after a pause of silence.
    while read.windows(3).filter(|frame| *frame == b"\x81\x012").count() < 2 {
        let mut piece = [0; 1024];
        let length = wire.0.read(&mut piece).await.unwrap();
        assert!(length > 0, "closed after {}", String::from_utf8_lossy(&read));
        read.extend_from_slice(&piece[..length]);
        if read.ends_with(b"\x81\x012") {
            // The pong, `3`, masked with zeros as clients must mask.
            wire.0.try_write(b"\x81\x81\0\0\0\x003").unwrap();
        }
    }
}

#[tokio::test]
async fn requests_that_are_sent_at_once_are_answered_in_turn() {
    let server = Server::start(options()).await;
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    let mut wire = server.connect().await;
    wire.send(&format!("{}{}{}NOT HTTP\r\n\r\n", get("/echo?1"), get("/forged"), get("/echo?3")))
        .await;
    let all = wire.rest().await;
    assert_eq!(answers(&all), 4, "{all}");
    let place = |text: &str| all.find(text).unwrap_or_else(|| panic!("`{text}` is in {all}"));
    assert!(
        place("/echo?1") < place("400 Bad Request") && place("400 Bad Request") < place("/echo?3")
    );
}
