//! Who gets into a namespace: its middlewares, run before the client hears CONNECT.

use std::{
    fmt::Display,
    pin::Pin,
    sync::{Arc, atomic::Ordering},
};

use serde_json::{Map, Value};
use socketioxide::{
    SocketIo,
    adapter::LocalAdapter,
    handler::{ConnectHandler, DisconnectHandler},
    socket::DisconnectReason as EngineReason,
};
use socketioxide_core::Value as Packet;

use super::{
    DisconnectReason, EngineSocket, Handshake, Kicked, Socket, State,
    dispatch::Dispatcher,
    engine::{fault::Fault, line::Line},
    slow::Losses,
};
use crate::{
    AppHandle, ConnectError, IOServerError, LogLevel, NamespaceOptions,
    middleware::Chain,
    service::{Call, ServiceEvents},
    task::{begin, catch_panic},
};

type Admission<'a> = Pin<Box<dyn Future<Output = Result<(), Box<dyn Display + Send>>> + Send + 'a>>;

/// One namespace: who gets in, and who answers.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) namespace: Arc<Namespace>,
    /// How many bytes a client's `auth` may have.
    pub(crate) max_auth: usize,
}

pub(crate) struct Namespace {
    pub(crate) path: String,
    pub(crate) chain: Chain<Handshake>,
    pub(crate) events: ServiceEvents,
    pub(crate) app: AppHandle,
    pub(crate) options: NamespaceOptions,
    pub(crate) losses: Arc<Losses>,
}

impl Namespace {
    pub(crate) fn new(
        path: String,
        chain: Chain<Handshake>,
        events: ServiceEvents,
        app: &AppHandle,
        options: NamespaceOptions,
    ) -> Self {
        Self { path, chain, events, app: app.clone(), options, losses: Arc::default() }
    }

    /// A namespace without a service: clients get in, and nothing answers them.
    pub(crate) fn empty(path: &str, app: &AppHandle) -> Self {
        let (chain, events) = (Chain::new(&[]), ServiceEvents::default());
        Self::new(path.to_owned(), chain, events, app, NamespaceOptions::default())
    }
}

impl Gate {
    pub(crate) fn mount(self, io: &SocketIo) {
        let path = self.namespace.path.clone();
        io.ns(path, self);
    }

    /// Lets the client in, with its events bound, or says why not.
    async fn admit(&self, engine: EngineSocket, auth: Value) -> Result<(), ConnectError> {
        let socket = Socket::connecting(engine, auth, &self.namespace);
        let mut handshake = Handshake::new(socket.clone());
        self.namespace.chain.run(&mut handshake, &self.namespace.app).await?;
        if let Some(line) = &socket.state().line {
            line.partings().over(&self.namespace).await;
        }
        self.bind(&socket);
        for then in std::mem::take(&mut handshake.accepted) {
            if let Err(refusal) = then(socket.clone()).await {
                if let Some(line) = &socket.state().line {
                    line.detach(socket.engine());
                }
                socket.state().own_room.close();
                socket.state().farewell.run(DisconnectReason::ServerNamespaceDisconnect).await;
                return Err(refusal);
            }
        }
        Ok(())
    }

    /// Binds the events before the client hears CONNECT: what runs after it is spawned by
    /// socketioxide, so that events which are bound there can miss a fast client's first packet.
    fn bind(&self, socket: &Socket) {
        socket.keep();
        socket.attach();
        socket.state().own_room.open();
        let (namespace, state) = (Arc::clone(&self.namespace), Arc::clone(socket.state()));
        socket.engine().on_fallback(Dispatcher::new(&state));
        socket.engine().on_disconnect(Leaving { namespace, state });
    }
}

impl ConnectHandler<LocalAdapter, Self> for Gate {
    /// The client has heard CONNECT. Its events were bound before it.
    fn call(&self, engine: EngineSocket, _: Option<Packet>) {
        let Some(socket) = Socket::kept(&engine) else { return };
        let Namespace { events, app, .. } = &*self.namespace;
        if let Some(handler) = &events.connect {
            begin(handler(Call::connected(socket.clone(), app)));
        }
        Dispatcher::new(socket.state()).open(&engine);
    }

    fn call_middleware<'a>(
        &'a self,
        engine: EngineSocket,
        auth: &'a Option<Packet>,
    ) -> Admission<'a> {
        Box::pin(async move {
            let line = engine.req_parts().extensions.get::<Arc<Line>>().cloned();
            let refuse = |refusal| refuse(refusal, line.as_deref());
            let auth = text(auth.as_ref());
            if auth.len() > self.max_auth {
                return refuse(ConnectError::new("Auth payload too large"));
            }
            let Some(auth) = read_auth(auth) else {
                // Node closes the connection. So did the engine's layer, where it saw the packet.
                if let Some(line) = &line {
                    line.fail();
                }
                return refuse(ConnectError::new("Invalid auth payload"));
            };
            match catch_panic(self.admit(engine, auth)).await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(refusal)) => refuse(refusal),
                Err(_) => {
                    let path = &self.namespace.path;
                    let text = format_args!("a middleware of namespace `{path}` panicked");
                    self.namespace.app.log(LogLevel::Error, text);
                    refuse(IOServerError::panicked().into())
                }
            }
        })
    }
}

fn text(auth: Option<&Packet>) -> &str {
    auth.and_then(Packet::as_str).map_or("", |json| json.as_str())
}

/// What a client sends as `auth`: an object, with an id before it that means nothing.
fn read_auth(json: &str) -> Option<Value> {
    match json.trim_start_matches(|byte: char| byte.is_ascii_digit()) {
        "" => Some(Value::Object(Map::new())),
        json => serde_json::from_str(json).ok().map(|sent| Value::Object(fitted(sent))),
    }
}

/// The same in memory of its size: the parser makes room for four members, and a socket keeps it.
fn fitted(sent: Map<String, Value>) -> Map<String, Value> {
    let mut fitted = Map::with_capacity(sent.len());
    fitted.extend(sent);
    fitted
}

/// The text of the engine's CONNECT_ERROR, which has no place for more.
fn refuse(refusal: ConnectError, line: Option<&Line>) -> Result<(), Box<dyn Display + Send>> {
    match (refusal.payload(), line) {
        (Some(payload), Some(line)) => Err(Box::new(line.refusals().keep(payload))),
        _ => Err(Box::new(refusal)),
    }
}

/// Tells the services that their clients go, since the server stops: the engine, which closes the
/// connections, reports it to no one. As on Node, no DISCONNECT is sent, so that clients come back.
pub(crate) fn see_off(io: &SocketIo) {
    let sockets = io.nsps().into_iter().flat_map(|namespace| namespace.sockets());
    for socket in sockets.filter_map(|socket| Socket::kept(&socket)) {
        let (engine, state) = (Arc::clone(socket.engine()), Arc::clone(socket.state()));
        let leaving = Leaving { namespace: Arc::clone(&state.namespace), state };
        leaving.call_with_defer(engine, EngineReason::ClosingServer, |engine| engine.leave_all());
    }
}

/// Says farewell when the engine reports that the client has gone.
struct Leaving {
    namespace: Arc<Namespace>,
    state: Arc<State>,
}

impl DisconnectHandler<LocalAdapter, Self> for Leaving {
    fn call_with_defer(
        &self,
        engine: EngineSocket,
        reason: EngineReason,
        leave_rooms: fn(EngineSocket),
    ) {
        if self.state.has_left.swap(true, Ordering::AcqRel) {
            return leave_rooms(engine);
        }
        let socket = Socket::from_parts(Arc::clone(&engine), &self.state);
        let is_kicked = engine.extensions.get::<Kicked>().is_some();
        let fault = self.state.line.as_ref().and_then(|line| line.fault());
        let reason = match DisconnectReason::from(reason) {
            DisconnectReason::TransportClose if is_kicked => {
                DisconnectReason::ServerNamespaceDisconnect
            }
            own @ (DisconnectReason::TransportClose | DisconnectReason::ForcedClose) => {
                fault.map_or(own, Fault::reason)
            }
            other => other,
        };
        // As on Node: `disconnecting` still sees the rooms, `disconnect` does not.
        let Namespace { events, app, .. } = &*self.namespace;
        if let Some(handler) = &events.disconnecting {
            begin(handler(Call::lifecycle("disconnecting", socket.clone(), app, reason)));
        }
        if let Some(line) = &self.state.line {
            line.detach(&engine);
        }
        self.state.own_room.close();
        leave_rooms(engine);
        let disconnect = events.disconnect.as_ref();
        let goodbye = disconnect.map(|run| run(Call::lifecycle("disconnect", socket, app, reason)));
        let state = Arc::clone(&self.state);
        let parting = state.line.as_ref().map(|line| line.partings().begin(&self.namespace));
        begin(Box::pin(async move {
            if let Some(goodbye) = goodbye {
                goodbye.await;
            }
            state.farewell.run(reason).await;
            drop(parting);
        }));
    }
}
