//! From a packet to the service's method.

use std::{borrow::Cow, sync::Arc};

use serde::de::DeserializeSeed;
use socketioxide::{adapter::LocalAdapter, handler::MessageHandler};
use socketioxide_core::{Value as Packet, parser::FirstElement};

use super::{EngineSocket, Socket, State, gate::Namespace, is_reserved};
use crate::{service::Call, task::begin};

/// Receives all events of one socket, and calls the service's method of that name.
pub(super) struct Dispatcher {
    namespace: Arc<Namespace>,
    state: Arc<State>,
}

impl Dispatcher {
    pub(super) fn new(namespace: &Arc<Namespace>, state: &Arc<State>) -> Self {
        Self { namespace: Arc::clone(namespace), state: Arc::clone(state) }
    }
}

impl MessageHandler<LocalAdapter, Self> for Dispatcher {
    /// Called in the order of the packets. The method runs up to its first wait before the next
    /// packet is looked at, as on Node.
    fn call(&self, engine: EngineSocket, packet: Packet, ack: Option<i64>) {
        let Some(event) = event_name(&packet) else { return };
        let Some(handler) = self.namespace.events.find(&event) else {
            if is_reserved(&event) {
                // Node's parser refuses such a packet and closes the connection.
                Socket::from_parts(engine, &self.state).disconnect(true);
            }
            return; // as in the original, an unknown event is not answered
        };
        let socket = Socket::from_parts(engine, &self.state);
        begin(handler(Call::new(socket, &self.namespace.app, packet, ack)));
    }
}

/// The first element of the packet's array.
fn event_name(packet: &Packet) -> Option<Cow<'_, str>> {
    let json = packet.as_str()?.as_str();
    // Nearly every packet begins like this, and its payload need not be read for the name.
    if let Some((name, _)) = json.strip_prefix("[\"")?.split_once('"')
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
        assert_eq!(name("[5]"), None);
    }
}
