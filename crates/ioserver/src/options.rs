//! What a server and its components are registered with.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use crate::{
    AppHandle, Handshake, Limits, LogLevel, Middleware, Network, Request, SessionKey, SlowClients,
    http::cors::CorsOptions,
};

/// Settings of a server. Every field has the original's default unless it says otherwise.
///
/// # Examples
///
/// ```
/// use ioserver::{IOServerOptions, LogLevel};
///
/// let options = IOServerOptions { port: 3000, verbose: LogLevel::Information, ..Default::default() };
/// assert_eq!(options.host, "localhost");
/// ```
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "built with `..IOServerOptions::default()`")]
pub struct IOServerOptions {
    /// The address or name to listen on.
    pub host: String,
    /// The port to listen on; 0 means any free one (the original reads 0 as 8080).
    pub port: u16,
    /// How much to log.
    pub verbose: LogLevel,
    /// Whether the engine sets its cookie `io` at the handshake.
    pub cookie: bool,
    /// The transports that Socket.IO clients may use.
    pub mode: Mode,
    /// Which origins browsers may call from.
    pub cors: CorsOptions,
    /// The folder of the route files; one that does not exist falls back to `./routes`.
    pub routes: PathBuf,
    /// A folder of static files to serve at `/`; routes win over files. One that does not exist is
    /// logged, and nothing is served.
    ///
    /// Files are sent as @fastify/static sends them. Other than there, dot files are not served
    /// (but `.well-known` is), nor is what a link outside of the folder leads to, and a 416 says how
    /// long the file is.
    #[doc(alias = "rootDir")]
    pub root_dir: Option<PathBuf>,
    /// Whether a GET or HEAD that nothing else answers gets `index.html` of
    /// [`root_dir`](Self::root_dir). The original gives it to every method.
    #[doc(alias = "spaFallback")]
    pub spa_fallback: bool,
    /// Whether `app.js.br` and `app.js.gz` of [`root_dir`](Self::root_dir) are sent for `app.js` to
    /// clients that can unpack them; not by default.
    #[doc(alias = "preCompressed")]
    pub precompressed: bool,
    /// How many bytes of a body are read at most; a route's `bodyLimit` wins.
    pub body_limit: usize,
    /// Media types that every route takes besides `application/json` and `text/plain`: none, so
    /// that all others are 415. A route's `accepts` adds to them.
    ///
    /// `application/x-www-form-urlencoded` is parsed as a query string is. Any other body, such as
    /// `multipart/form-data` or `image/*`, is left for the handler to read, by a
    /// [`Multipart`](crate::extract::Multipart) or a [`BodyStream`](crate::BodyStream).
    #[doc(alias = "addContentTypeParser")]
    pub accepts: Vec<String>,
    /// How much of the server one client may take.
    pub limits: Limits,
    /// The proxies in front of the server, whose `X-Forwarded-For` [`Request::ip`] and
    /// [`HandshakeInfo::address`](crate::HandshakeInfo::address) believe; none.
    /// A network that strangers can reach the server from must not be among them.
    #[doc(alias = "trustProxy")]
    pub trust_proxy: Vec<Network>,
    /// What happens to a route that cannot be registered.
    pub on_bad_route: OnBadRoute,
    /// Whether answers to 5xx errors hide the error's message; the original sends it.
    pub hide_internal: bool,
    /// How long [`stop`](crate::RunningServer::stop) waits for watchers and open requests together,
    /// and then for managers.
    pub grace: Duration,
    /// Settings of the Socket.IO engine.
    pub socket: SocketOptions,
}

impl Default for IOServerOptions {
    fn default() -> Self {
        Self {
            host: "localhost".into(),
            port: 8080,
            verbose: LogLevel::Error,
            cookie: false,
            mode: Mode::Both,
            cors: CorsOptions::default(),
            routes: "routes".into(),
            root_dir: None,
            spa_fallback: true,
            precompressed: false,
            body_limit: 1 << 20,
            accepts: Vec::new(),
            limits: Limits::default(),
            trust_proxy: Vec::new(),
            on_bad_route: OnBadRoute::Refuse,
            hide_internal: false,
            grace: Duration::from_secs(10),
            socket: SocketOptions::default(),
        }
    }
}

/// The transports that Socket.IO clients may use.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "Engine.IO has these two transports")]
pub enum Mode {
    /// WebSocket only.
    Websocket,
    /// HTTP long-polling only.
    Polling,
    /// Both, with an upgrade from polling to WebSocket.
    #[default]
    Both,
}

impl Mode {
    /// Reads the original's list of names: unknown ones are dropped, and none left means both.
    ///
    /// ```
    /// use ioserver::Mode;
    ///
    /// assert_eq!(Mode::from_names(["polling"]), Mode::Polling);
    /// assert_eq!(Mode::from_names(["junk"]), Mode::Both);
    /// ```
    #[must_use]
    pub fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let (mut websocket, mut polling) = (false, false);
        for name in names {
            websocket |= name == "websocket";
            polling |= name == "polling";
        }
        match (websocket, polling) {
            (true, false) => Self::Websocket,
            (false, true) => Self::Polling,
            _ => Self::Both,
        }
    }
}

/// What happens to a route that cannot be registered.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a route is there or it is not")]
pub enum OnBadRoute {
    /// The registration of its controller fails.
    #[default]
    Refuse,
    /// It is logged and left out, as the original does. It is never served without its guards.
    LogAndSkip,
}

/// Settings of the Socket.IO engine; the defaults are those of Socket.IO 4.8 for Node.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "built with `..SocketOptions::default()`")]
pub struct SocketOptions {
    /// Where the engine listens.
    pub path: String,
    /// How often the server pings.
    pub ping_interval: Duration,
    /// How long it waits for the pong.
    pub ping_timeout: Duration,
    /// How many bytes a message may have, over either transport.
    #[doc(alias = "maxHttpBufferSize")]
    pub max_payload: usize,
    /// How many attachments a binary event may have.
    pub max_attachments: usize,
    /// How many packets may wait for a client before the engine has sent the first of them. On
    /// polling nothing else bounds what waits, until a client that does not poll is let go after
    /// `ping_interval` and `ping_timeout`.
    pub max_buffer: usize,
    /// How many bytes may wait for a client that reads slowly, on WebSocket, before
    /// [`slow_clients`](NamespaceOptions::slow_clients) says what happens. Node sets no limit.
    pub max_backlog: usize,
    /// How many bytes may wait for all clients together, on WebSocket. Beyond it, clients with more
    /// than 64 KiB waiting are slow ones.
    pub max_backlog_total: usize,
    /// How many bytes a client's `auth` may have, as JSON; more is refused. It is kept, parsed, for as
    /// long as the client is connected to the namespace. Node's limit is `max_payload`.
    pub max_auth: usize,
    /// How many bytes the engine takes from a WebSocket at once, and keeps for it while it is idle.
    /// Larger messages take more steps, but no more calls of the operating system.
    pub read_buffer: usize,
    /// How long a new connection may stay without a namespace.
    pub connect_timeout: Duration,
    /// How long the server waits for a client's ack.
    pub ack_timeout: Duration,
    /// The folder of the client's bundles (`node_modules/socket.io-client/dist`) to serve.
    pub client_dir: Option<PathBuf>,
    /// Whether polling answers of 1 kB and more are compressed, with gzip or deflate, for clients
    /// that accept it.
    #[doc(alias = "httpCompression")]
    pub compression: bool,
    /// Whether requests from origins that [`cors`](IOServerOptions::cors) does not let in are
    /// refused, WebSockets among them. Browsers let any page open those, cookies and all, and Node
    /// does not look; clients that are no browsers send no origin and get in. Turn it on unless
    /// others' pages may connect.
    pub check_origin: bool,
    /// The secret behind session ids, for several nodes behind one address. `None`: each process
    /// makes its own.
    pub session_key: Option<SessionKey>,
    /// What holds for every namespace that [`namespaces`](Self::namespaces) does not name.
    pub each_namespace: NamespaceOptions,
    /// What holds for single namespaces, by the names of their services.
    pub namespaces: BTreeMap<String, NamespaceOptions>,
}

impl Default for SocketOptions {
    fn default() -> Self {
        Self {
            path: "/socket.io".into(),
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            max_payload: 1_000_000,
            max_attachments: 10,
            max_buffer: 65_536,
            read_buffer: 256,
            connect_timeout: Duration::from_secs(45),
            ack_timeout: Duration::from_secs(5),
            max_backlog: 32 << 20,
            max_backlog_total: 256 << 20,
            max_auth: 32 * 1024,
            client_dir: None,
            compression: true,
            check_origin: false,
            session_key: None,
            each_namespace: NamespaceOptions::default(),
            namespaces: BTreeMap::new(),
        }
    }
}

/// Settings of one namespace; the defaults are what the original does, except for clients that do
/// not read.
#[derive(Clone, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "built with `..NamespaceOptions::default()`")]
pub struct NamespaceOptions {
    /// Whether an event that nothing answers gets a 404, as an ack or an `error` event. The
    /// original is silent.
    pub strict_events: bool,
    /// How long a method may take to answer; then the client gets a 504 and the method is dropped.
    /// `None` is for ever.
    pub event_timeout: Option<Duration>,
    /// Whether a client whose ack no method has answered and none can any more gets a 500.
    /// In the original it waits for ever.
    pub answer_dropped_acks: bool,
    /// Whether the events of one socket are answered strictly one after the other, and not only
    /// begun so. At most 1,024 wait; those beyond get a 429.
    pub one_at_a_time: bool,
    /// What happens to clients that do not read what they are sent.
    pub slow_clients: SlowClients,
}

/// A manager to add. `manager` is its constructor.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "written as a literal, as in the original")]
pub struct ManagerOptions<'a, F> {
    /// The name that [`AppHandle::manager`] finds it by.
    pub name: &'a str,
    /// `fn(AppHandle) -> impl BaseManager`, or a `Result` of one.
    pub manager: F,
}

impl<'a, F> ManagerOptions<'a, F> {
    /// Names a manager and its constructor.
    #[must_use]
    pub fn new(name: &'a str, manager: F) -> Self {
        Self { name, manager }
    }

    /// Lets the server start although this manager does not: its error is logged, as the original
    /// does with every manager's.
    #[must_use]
    pub fn optional<O>(self) -> ManagerOptions<'a, impl FnOnce(AppHandle) -> Optional<O>>
    where
        F: FnOnce(AppHandle) -> O,
    {
        let make = self.manager;
        ManagerOptions { name: self.name, manager: move |app| Optional(make(app)) }
    }
}

/// A manager that [may fail to start](ManagerOptions::optional).
#[derive(Debug)]
pub struct Optional<O>(pub(crate) O);

/// A service to add. `service` is its constructor.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "written as a literal, as in the original")]
pub struct ServiceOptions<'a, F> {
    /// The namespace without its slash; `/` (or nothing) is the root one.
    pub name: &'a str,
    /// `fn(AppHandle) -> impl BaseService`, or a `Result` of one.
    pub service: F,
    /// Run in order when a client connects, before it hears that it is connected.
    pub middlewares: Vec<Middleware<Handshake>>,
}

impl<'a, F> ServiceOptions<'a, F> {
    /// Names a service and its constructor; no middlewares.
    #[must_use]
    pub fn new(name: &'a str, service: F) -> Self {
        Self { name, service, middlewares: Vec::new() }
    }
}

/// A controller to add. `controller` is its constructor.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "written as a literal, as in the original")]
pub struct ControllerOptions<'a, F> {
    /// The name of the route file, and the prefix of its routes unless `prefix` is given.
    pub name: &'a str,
    /// `fn(AppHandle) -> impl BaseController`, or a `Result` of one.
    pub controller: F,
    /// Run in order before each handler.
    pub middlewares: Vec<Middleware<Request>>,
    /// Replaces the name as the routes' prefix.
    pub prefix: Option<&'a str>,
}

impl<'a, F> ControllerOptions<'a, F> {
    /// Names a controller and its constructor; no middlewares, and its name is the prefix.
    #[must_use]
    pub fn new(name: &'a str, controller: F) -> Self {
        Self { name, controller, middlewares: Vec::new(), prefix: None }
    }
}

/// A watcher to add. `watcher` is its constructor.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "written as a literal, as in the original")]
pub struct WatcherOptions<'a, F> {
    /// The name that logs use.
    pub name: &'a str,
    /// `fn(AppHandle) -> impl BaseWatcher`, or a `Result` of one.
    pub watcher: F,
}

impl<'a, F> WatcherOptions<'a, F> {
    /// Names a watcher and its constructor.
    #[must_use]
    pub fn new(name: &'a str, watcher: F) -> Self {
        Self { name, watcher }
    }
}
