//! From a packet to the service's method.

use std::{
    borrow::Cow,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::de::DeserializeSeed;
use socketioxide::{adapter::LocalAdapter, handler::MessageHandler};
use socketioxide_core::{Value as Packet, parser::FirstElement};

use super::{
    EngineSocket, Socket, State, attachments, engine::event_names, gate::Namespace, is_reserved,
};
use crate::{
    IOServerError, LogLevel,
    service::{Call, EventHandler, fail},
    task::begin,
};

/// Receives all events of one socket, and calls the service's method of that name.
pub(super) struct Dispatcher {
    state: Arc<State>,
}

/// Events that come before the engine takes the socket for connected, although the client has
/// heard that it is. Nothing could be emitted in answer to them.
#[derive(Default)]
pub(super) struct Early {
    is_over: AtomicBool,
    waiting: Mutex<Vec<(Packet, Option<i64>)>>,
}

impl Early {
    /// Keeps an event for later; gives it back if it is not early.
    fn keep(&self, packet: Packet, ack: Option<i64>) -> Option<(Packet, Option<i64>)> {
        if self.is_over.load(Ordering::Acquire) {
            return Some((packet, ack));
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_over.load(Ordering::Acquire) {
            return Some((packet, ack));
        }
        waiting.push((packet, ack));
        None
    }

    /// The events that were kept; after none is left, events are not early any more.
    fn take(&self) -> Vec<(Packet, Option<i64>)> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.is_empty() {
            self.is_over.store(true, Ordering::Release);
        }
        std::mem::take(&mut *waiting)
    }
}

impl Dispatcher {
    pub(super) fn new(state: &Arc<State>) -> Self {
        Self { state: Arc::clone(state) }
    }

    /// Dispatches what came early, in its order.
    pub(super) fn open(&self, engine: &EngineSocket) {
        loop {
            let early = self.state.early.take();
            if early.is_empty() {
                return;
            }
            for (packet, ack) in early {
                self.dispatch(Arc::clone(engine), packet, ack);
            }
        }
    }

    fn run(&self, handler: &EventHandler, call: Call) {
        let (socket, ack) = (call.socket().clone(), call.ack().clone());
        let mut work = handler(call);
        if let Some(time) = self.state.namespace.options.event_timeout {
            let (socket, ack) = (socket.clone(), ack.clone());
            work = Box::pin(async move {
                if tokio::time::timeout(time, work).await.is_err() {
                    let error = IOServerError::new("the event was not answered in time", 504_u16);
                    fail(&socket, &ack, &error);
                }
            });
        }
        match &self.state.turns {
            None => begin(work),
            Some(turns) => {
                if turns.take(work).is_err() {
                    let error = IOServerError::new("too many events wait", 429_u16);
                    fail(&socket, &ack, &error);
                }
            }
        }
    }

    /// The method runs up to its first wait before the next packet is looked at, as on Node.
    fn dispatch(&self, engine: EngineSocket, mut packet: Packet, ack: Option<i64>) {
        if self.state.line.as_ref().is_some_and(|line| line.is_failed()) {
            return; // nothing is read after what was no packet
        }
        let is_right = attachments::are_right(&mut packet);
        let Some(name) = event_name(&packet) else { return };
        let event = event_names::sent(&name);
        let Namespace { events, options, app, .. } = &*self.state.namespace;
        let handler = events.find(&event);
        let socket = Socket::from_parts(engine, &self.state);
        // Node's parser refuses such packets and closes the connection.
        if handler.is_none() && is_reserved(&event) || !is_right {
            return socket.fail();
        }
        if let Some(any) = &events.any {
            let ack = ack.filter(|_| handler.is_none());
            let call = Call::new(socket.clone(), app, packet.clone(), ack).named(&event);
            self.run(any, call);
        }
        if let Some(handler) = handler {
            drop(event);
            drop(name);
            self.run(handler, Call::new(socket, app, packet, ack));
        } else if events.any.is_none() {
            app.log(LogLevel::Debug, Unknown { event: &event, namespace: &self.state.namespace });
            if options.strict_events {
                let error = IOServerError::new(format!("there is no event `{event}`"), 404_u16);
                Call::new(socket, app, Packet::Bytes(bytes::Bytes::new()), ack).fail(&error);
            } // else, as in the original, an unknown event is not answered
        }
    }
}

/// The line about an event that no method answers.
struct Unknown<'a> {
    event: &'a str,
    namespace: &'a Namespace,
}

impl fmt::Display for Unknown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Namespace { path, events, .. } = self.namespace;
        // The name is a stranger's: it fills neither lines nor the log.
        let shown: String = self.event.chars().take(64).collect();
        let more = if shown.len() < self.event.len() { "…" } else { "" };
        let (shown, known) = (shown.escape_debug(), events.names());
        write!(f, "no method of namespace `{path}` answers event `{shown}{more}`; there are: ")?;
        if known.is_empty() { f.write_str("none") } else { f.write_str(&known.join(", ")) }
    }
}

impl MessageHandler<LocalAdapter, Self> for Dispatcher {
    /// Called in the order of the packets.
    fn call(&self, engine: EngineSocket, packet: Packet, ack: Option<i64>) {
        if let Some((packet, ack)) = self.state.early.keep(packet, ack) {
            self.dispatch(engine, packet, ack);
        }
    }
}

/// The first element of the packet's array.
fn event_name(packet: &Packet) -> Option<Cow<'_, str>> {
    let json = packet.as_str()?.as_str();
    // Nearly every packet begins like this, and its payload need not be read for the name.
    if let Some((name, _)) = json.strip_prefix("[\"").and_then(|json| json.split_once('"'))
        && !name.contains('\\')
    {
        return Some(Cow::Borrowed(name));
    }
    let mut json = serde_json::Deserializer::from_str(json);
    FirstElement::<String>::default().deserialize(&mut json).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_read_with_and_without_escapes() {
        let name =
            |json: &'static str| event_name(&Packet::Str(json.into(), None)).map(Cow::into_owned);
        assert_eq!(name(r#"["echo",{"a":"b"}]"#).as_deref(), Some("echo"));
        assert_eq!(name(r#"["é"]"#).as_deref(), Some("é"));
        assert_eq!(name(r#"["a\"b",1]"#).as_deref(), Some("a\"b"));
        assert_eq!(name(r#"[ "echo"]"#).as_deref(), Some("echo"));
        assert_eq!(name("[5]"), None);
    }
}
