//! Replies that go on while they are sent: pieces, and server-sent events.

use std::{
    fmt::Write as _,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Body, Frame};
use serde::Serialize;
use tokio::time::Instant;

use crate::{IOServerError, Reply, Result, alarm::Alarm};

/// How long an event stream is silent before the client, and the proxies between, hear that it is
/// still there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

impl Reply {
    /// Makes a 200 of pieces that are sent as they come. An error ends the connection, so that the
    /// client knows that something is missing.
    #[must_use]
    pub fn pieces<S, B, E>(pieces: S) -> Self
    where
        S: Stream<Item = Result<B, E>> + Send + 'static,
        B: Into<Bytes>,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        Self::stream(Pieces(Box::pin(pieces)))
    }

    /// Makes a 200 of server-sent events, for the browser's `EventSource`; silence is broken by a
    /// comment every 15 seconds. There is no limit on how long it lasts.
    ///
    /// ```
    /// use std::{pin::Pin, task::{Context, Poll}};
    /// use futures_core::Stream;
    /// use ioserver::{Event, Reply};
    ///
    /// struct Countdown(u8);
    ///
    /// impl Stream for Countdown {
    ///     type Item = Event;
    ///
    ///     fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Event>> {
    ///         self.0 = match self.0.checked_sub(1) {
    ///             Some(left) => left,
    ///             None => return Poll::Ready(None),
    ///         };
    ///         Poll::Ready(Some(Event::new(self.0.to_string()).named("tick")))
    ///     }
    /// }
    ///
    /// let reply = Reply::events(Countdown(10));
    /// assert_eq!(reply.headers()["content-type"], "text/event-stream");
    /// ```
    #[doc(alias = "sse")]
    #[must_use]
    pub fn events<S>(events: S) -> Self
    where
        S: Stream<Item = Event> + Send + 'static,
    {
        let stream = EventStream { events: Box::pin(events), alarm: Alarm::default(), until: None };
        Self::stream(stream)
            .with_type("text/event-stream")
            .with_header("cache-control", "no-cache")
            .with_header("x-accel-buffering", "no") // nginx would wait for more
    }
}

/// One server-sent event.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Event {
    data: String,
    name: Option<String>,
    id: Option<String>,
    retry: Option<Duration>,
}

impl Event {
    /// An event with this text, which may have several lines.
    #[must_use]
    pub fn new(data: impl Into<String>) -> Self {
        Self { data: data.into(), ..Self::default() }
    }

    /// An event with JSON.
    ///
    /// # Errors
    ///
    /// If the value cannot be serialised.
    pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<Self> {
        serde_json::to_string(value).map(Self::new).map_err(IOServerError::internal)
    }

    /// The name that the client listens to; `message` if there is none.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// What the client sends as `Last-Event-ID` when it comes back.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// How long the client waits before it comes back.
    #[must_use]
    pub fn with_retry(mut self, retry: Duration) -> Self {
        self.retry = Some(retry);
        self
    }

    /// The event as it is sent. A line break in a name or an id would begin another field, so that
    /// it is left out.
    fn encode(&self) -> Bytes {
        let mut text = String::with_capacity(self.data.len() + 32);
        let one_line = |text: &String| text.replace(['\r', '\n', '\0'], "");
        for (field, value) in [("event", &self.name), ("id", &self.id)] {
            if let Some(value) = value {
                let _ = writeln!(text, "{field}: {}", one_line(value)); // a `String` takes it all
            }
        }
        if let Some(retry) = self.retry {
            let _ = writeln!(text, "retry: {}", retry.as_millis());
        }
        for line in self.data.replace("\r\n", "\n").split(['\n', '\r']) {
            let _ = writeln!(text, "data: {line}");
        }
        text.push('\n');
        text.into()
    }
}

struct EventStream {
    events: Pin<Box<dyn Stream<Item = Event> + Send>>,
    alarm: Alarm,
    until: Option<Instant>,
}

impl Body for EventStream {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        if let Poll::Ready(event) = this.events.as_mut().poll_next(context) {
            this.until = None;
            return Poll::Ready(event.map(|event| Ok(Frame::data(event.encode()))));
        }
        let until = *this.until.get_or_insert_with(|| Instant::now() + KEEP_ALIVE);
        ready!(this.alarm.poll(context, until));
        this.until = None;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b":\n\n")))))
    }
}

struct Pieces<S>(Pin<Box<S>>);

impl<S, B, E> Body for Pieces<S>
where
    S: Stream<Item = Result<B, E>>,
    B: Into<Bytes>,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.0.as_mut().poll_next(context).map(|piece| {
            piece.map(|piece| match piece {
                Ok(bytes) => Ok(Frame::data(bytes.into())),
                Err(error) => Err(io::Error::other(error)),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_written_field_by_field_and_cannot_forge_another() {
        let event = Event::new("a\nb\r\nc").named("x\nid: 7").with_id("1");
        let event = event.with_retry(Duration::from_secs(3));
        let expected = "event: xid: 7\nid: 1\nretry: 3000\ndata: a\ndata: b\ndata: c\n\n";
        assert_eq!(event.encode(), expected);
        assert_eq!(Event::json(&[1]).unwrap().encode(), "data: [1]\n\n");
    }

    struct Silent;

    impl Stream for Silent {
        type Item = Event;

        fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Event>> {
            Poll::Pending
        }
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_broken_by_a_comment() {
        let events = Box::pin(Silent);
        let mut stream = EventStream { events, alarm: Alarm::default(), until: None };
        let frame = http_body_util::BodyExt::frame(&mut stream).await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), ":\n\n");
    }
}
