//! Sockets: connected clients, their handshakes and their acks.

mod ack;
mod arguments;
mod attachments;
mod broadcast;
mod dispatch;
mod emit;
pub(crate) mod engine;
mod farewell;
pub(crate) mod gate;
mod handshake;
mod partings;
pub(crate) mod rooms;
mod slow;
mod turns;

use std::{
    fmt,
    sync::{Arc, OnceLock, Weak, atomic::AtomicBool},
    time::SystemTime,
};

use serde_json::Value;
use socketioxide::{SocketIo, handler::FromMessageParts, operators::BroadcastOperators};

use self::{
    dispatch::Early, engine::line::Line, gate::Namespace, rooms::OwnRoom, slow::Attached,
    turns::Turns,
};
pub use ack::Ack;
pub(crate) use arguments::{Count, Sent};
pub use broadcast::Broadcast;
pub(crate) use broadcast::emit as broadcast;
pub use engine::SessionKey;
pub use farewell::DisconnectReason;
pub(crate) use farewell::Farewell;
pub use handshake::{Handshake, HandshakeInfo};
pub(crate) use slow::Losses;
pub use slow::SlowClients;

/// Events that have a meaning of their own in Socket.IO and can be neither sent nor received.
const RESERVED: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

/// Whether an event is one of those.
pub(crate) fn is_reserved(event: &str) -> bool {
    RESERVED.contains(&event)
}

/// A connected client in one namespace. Cheap to clone.
#[derive(Clone)]
pub struct Socket {
    engine: EngineSocket,
    state: Arc<State>,
}

/// A socket of the engine, in one namespace.
pub(crate) type EngineSocket = Arc<socketioxide::socket::Socket>;

/// Left on a socket before the server disconnects it. A client that closes its connection at once
/// may be noticed before the engine has noted why.
#[derive(Clone, Copy)]
pub(crate) struct Kicked;

/// What the framework keeps for each socket.
pub(crate) struct State {
    id: OnceLock<Box<str>>, // made when a component first asks: most sockets are never asked
    auth: Value,
    connected_at: SystemTime,
    pub(crate) farewell: Farewell,
    has_left: AtomicBool,
    own_room: OwnRoom,
    line: Option<Arc<Line>>,
    early: Early,
    turns: Option<Arc<Turns>>,
    namespace: Arc<Namespace>,
}

/// The socket where the engine's own can find it.
#[derive(Clone)]
struct Kept {
    engine: Weak<socketioxide::socket::Socket>,
    state: Arc<State>,
}

impl Socket {
    pub(crate) fn connecting(
        engine: EngineSocket,
        auth: Value,
        namespace: &Arc<Namespace>,
    ) -> Self {
        let (id, farewell, has_left, own_room) = Default::default();
        let line = engine.req_parts().extensions.get::<Arc<Line>>().map(Arc::clone);
        let namespace = Arc::clone(namespace);
        let connected_at = SystemTime::now();
        let early = Early::default();
        let turns = namespace.options.one_at_a_time.then(Arc::default);
        let state = Arc::new(State {
            id,
            auth,
            connected_at,
            farewell,
            has_left,
            own_room,
            line,
            early,
            turns,
            namespace,
        });
        Self { engine, state }
    }

    pub(crate) fn from_parts(engine: EngineSocket, state: &Arc<State>) -> Self {
        Self { engine, state: Arc::clone(state) }
    }

    /// The socket that was [kept](Self::keep) on the engine's.
    pub(crate) fn kept(engine: &socketioxide::socket::Socket) -> Option<Self> {
        let Kept { engine, state } = engine.extensions.get()?;
        Some(Self::from_parts(engine.upgrade()?, &state))
    }

    /// Lets the socket hear when its connection is full.
    pub(super) fn attach(&self) {
        if let Some(line) = &self.state.line {
            line.attach(Attached::new(&self.engine, &self.state.namespace));
        }
    }

    pub(super) fn keep(&self) {
        let (engine, state) = (Arc::downgrade(&self.engine), Arc::clone(&self.state));
        self.engine.extensions.insert(Kept { engine, state });
    }

    pub(crate) fn engine(&self) -> &EngineSocket {
        &self.engine
    }

    pub(crate) fn state(&self) -> &Arc<State> {
        &self.state
    }

    /// The socket's id. It is no secret and no credential.
    #[must_use]
    pub fn id(&self) -> &str {
        self.state.id.get_or_init(|| self.engine.id.to_string().into())
    }

    /// The namespace's path, such as `/chat`.
    #[doc(alias = "nsp")]
    #[must_use]
    pub fn ns(&self) -> &str {
        self.engine.ns()
    }

    /// Whether the client is still there.
    #[must_use]
    pub fn connected(&self) -> bool {
        self.engine.connected()
    }

    /// How the client opened the connection.
    #[must_use]
    pub fn handshake(&self) -> HandshakeInfo<'_> {
        HandshakeInfo::new(self.engine.req_parts(), &self.state.auth, self.state.connected_at)
    }

    /// A value that a middleware or a handler left on the socket.
    #[doc(alias = "data")]
    #[must_use]
    pub fn get<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        self.engine.extensions.get()
    }

    /// Leaves a value on the socket, one for each type.
    pub fn insert<T: Clone + Send + Sync + 'static>(&self, value: T) {
        self.engine.extensions.insert(value);
    }

    /// Takes a value off the socket.
    #[expect(clippy::must_use_candidate, reason = "it is called for what it takes away")]
    pub fn remove<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        self.engine.extensions.remove()
    }

    /// The other sockets in a room.
    #[doc(alias = "in")]
    pub fn to(&self, room: impl Into<String>) -> Broadcast {
        self.broadcast().to(room)
    }

    /// The other sockets of the namespace.
    pub fn broadcast(&self) -> Broadcast {
        self.others(self.engine.broadcast())
    }

    /// All sockets of the namespace, this one among them, also after
    /// [`to`](Broadcast::to) and [`except`](Broadcast::except).
    #[doc(alias = "nsp")]
    pub fn namespace(&self) -> Broadcast {
        // Operators that a socket makes leave the socket out as soon as a room is named.
        let namespace = self.io().and_then(|io| io.of(self.ns()));
        self.others(namespace.unwrap_or_else(|| self.engine.within(Vec::<String>::new())))
    }

    fn others(&self, operators: BroadcastOperators) -> Broadcast {
        Broadcast::new(operators, Some(Arc::clone(&self.state.namespace.losses)))
    }

    /// Runs `then` once when the client has gone, after the service's `disconnect` method.
    ///
    /// Let it take what it needs, the id for example, and not the socket, which would keep itself.
    pub fn on_disconnect<F, Fut>(&self, then: F)
    where
        F: FnOnce(DisconnectReason) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.state.farewell.push(then);
    }

    /// Disconnects the client from this namespace; with `close`, from all it is connected to, and
    /// closes the connection.
    ///
    /// The service's `disconnecting` and `disconnect` methods run before this returns, up to their
    /// first await, as on Node: hold no lock here that they take.
    pub fn disconnect(&self, close: bool) {
        if close {
            self.disconnect_everywhere();
        } else {
            self.engine.extensions.insert(Kicked);
            let _ = Arc::clone(&self.engine).disconnect(); // one that has gone is disconnected
        }
        if let (true, Some(line)) = (close, &self.state.line) {
            line.close();
        }
    }

    /// Closes the connection as at a packet that is none: without a DISCONNECT, as on Node.
    fn fail(&self) {
        match &self.state.line {
            Some(line) => line.fail(),
            None => self.disconnect_everywhere(),
        }
    }

    fn disconnect_everywhere(&self) {
        let namespaces = self.io().map(|io| io.nsps()).unwrap_or_default();
        for socket in namespaces.iter().filter_map(|space| space.get_socket(self.engine.id)) {
            socket.extensions.insert(Kicked);
            let _ = socket.disconnect();
        }
    }

    /// The engine of all namespaces.
    fn io(&self) -> Option<SocketIo> {
        // The extractor is the only way to it; it does not look at the packet.
        let mut packet = socketioxide_core::Value::Bytes(bytes::Bytes::new());
        SocketIo::from_message_parts(&self.engine, &mut packet, &None).ok()
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket").field("ns", &self.ns()).finish_non_exhaustive()
    }
}
