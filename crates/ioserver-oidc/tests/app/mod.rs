//! A server with a controller and services behind the middlewares, and clients of it.

#![allow(dead_code, reason = "each test file uses a part of it")]
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use ioserver::{
    AppHandle, BaseManager, BaseMiddleware, Capabilities, ConnectError, ControllerOptions,
    Handshake, IOServer, IOServerError, IOServerOptions, Json, LogLevel, ManagerOptions,
    Middleware, Result, RunningServer, ServiceOptions, Socket, controller, extract::Ext, service,
};
use ioserver_oidc::{
    LocalUser, OidcConfig, OidcConfigManager, OidcHttpMiddleware, OidcSocketAdminMiddleware,
    OidcSocketMiddleware, OidcUserContext, SessionRegistry, UserDirectory, async_trait,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;

/// What is added to a server.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) config: Option<OidcConfig>,
    pub(crate) users: Option<Users>,
    pub(crate) sessions: Option<Arc<Log>>,
    pub(crate) verbose: LogLevel,
}

pub(crate) struct App {
    pub(crate) url: String,
    running: RunningServer,
    _routes: TempDir,
}

impl App {
    pub(crate) async fn start(parts: Parts) -> Result<Self> {
        let routes = tempfile::tempdir().unwrap();
        let file = json!([{ "method": "GET", "url": "/me", "handler": "me" }]).to_string();
        std::fs::write(routes.path().join("api.json"), &file).unwrap();
        std::fs::write(routes.path().join("open.json"), &file).unwrap();
        let mut server = server(&routes, parts)?;
        server.add_controller(ControllerOptions {
            name: "api",
            controller: |_| Api,
            middlewares: vec![OidcHttpMiddleware],
            prefix: None,
        })?;
        server.add_controller(ControllerOptions::new("open", |_| Open))?;
        server.add_service(ServiceOptions {
            name: "chat",
            service: |_| Chat,
            middlewares: vec![OidcSocketMiddleware],
        })?;
        server.add_service(ServiceOptions {
            name: "admin",
            service: |_| Chat,
            middlewares: vec![OidcSocketMiddleware, OidcSocketAdminMiddleware],
        })?;
        server.add_service(ServiceOptions {
            name: "robots",
            service: |_| Chat,
            middlewares: vec![Robots, OidcSocketAdminMiddleware],
        })?;
        let running = server.start().await?;
        Ok(Self { url: format!("http://{}", running.address()), running, _routes: routes })
    }

    pub(crate) async fn stop(self) {
        self.running.stop().await.unwrap();
    }

    pub(crate) async fn get(&self, path: &str, authorization: Option<&str>) -> reqwest::Response {
        let mut request = reqwest::Client::new().get(format!("{}{path}", self.url));
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        request.send().await.unwrap()
    }

    /// Status and body of `GET /api/me` with a bearer token.
    pub(crate) async fn me(&self, token: &str) -> (u16, Value) {
        let response = self.get("/api/me", Some(&format!("Bearer {token}"))).await;
        (response.status().as_u16(), body(response).await)
    }

    /// Connects to a namespace with this `auth`; the error is the message of `connect_error`.
    pub(crate) async fn connect(&self, namespace: &str, auth: Value) -> Result<Client, String> {
        self.connect_with(namespace, auth, None).await
    }

    pub(crate) async fn connect_with(
        &self,
        namespace: &str,
        auth: Value,
        authorization: Option<&str>,
    ) -> Result<Client, String> {
        let http = reqwest::Client::new();
        let engine = format!("{}/socket.io/?EIO=4&transport=polling", self.url);
        let mut open = http.get(&engine);
        if let Some(authorization) = authorization {
            open = open.header("authorization", authorization);
        }
        let opened = open.send().await.unwrap().text().await.unwrap();
        let opened: Value = serde_json::from_str(&opened[1..]).unwrap();
        let url = format!("{engine}&sid={}", opened["sid"].as_str().unwrap());
        let client = Client { http, url, namespace: namespace.to_owned() };
        client.post(&format!("40{namespace},{auth}")).await;
        let (accepted, refused) = (format!("40{namespace},"), format!("44{namespace},"));
        loop {
            for packet in client.poll().await {
                if packet.starts_with(&accepted) {
                    return Ok(client);
                }
                if let Some(error) = packet.strip_prefix(&refused) {
                    let error: Value = serde_json::from_str(error).unwrap();
                    return Err(error["message"].as_str().unwrap().to_owned());
                }
            }
        }
    }
}

fn server(routes: &TempDir, parts: Parts) -> Result<IOServer> {
    let mut server = IOServer::new(IOServerOptions {
        host: "127.0.0.1".into(),
        port: 0,
        routes: routes.path().to_owned(),
        verbose: parts.verbose,
        ..IOServerOptions::default()
    });
    if let Some(config) = parts.config {
        let manager = OidcConfigManager::with(config);
        server.add_manager(ManagerOptions { name: "oidcConfig", manager })?;
    }
    if let Some(users) = parts.users {
        server.add_manager(ManagerOptions { name: "users", manager: |_| users })?;
    }
    if let Some(log) = parts.sessions {
        server.add_manager(ManagerOptions { name: "session", manager: |_| Sessions(log) })?;
    }
    Ok(server)
}

pub(crate) async fn body(response: reqwest::Response) -> Value {
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

/// A Socket.IO client over polling, just able to connect, to ask and to go.
pub(crate) struct Client {
    http: reqwest::Client,
    url: String,
    namespace: String,
}

impl Client {
    /// Emits an event and waits for the first argument of its ack.
    pub(crate) async fn ask(&self, event: &str) -> Value {
        self.post(&format!("42{},7[\"{event}\"]", self.namespace)).await;
        let acked = format!("43{},7", self.namespace);
        loop {
            for packet in self.poll().await {
                if let Some(arguments) = packet.strip_prefix(&acked) {
                    let mut arguments: Value = serde_json::from_str(arguments).unwrap();
                    return arguments[0].take();
                }
            }
        }
    }

    pub(crate) async fn leave(&self) {
        self.post(&format!("41{},", self.namespace)).await;
    }

    /// Leaves and enters again, in one request.
    pub(crate) async fn come_back(&self, auth: &Value) {
        self.post(&format!("41{0},\u{1e}40{0},{auth}", self.namespace)).await;
    }

    async fn post(&self, packet: &str) {
        let sent = self.http.post(&self.url).body(packet.to_owned()).send().await.unwrap();
        assert_eq!(sent.status(), 200);
    }

    async fn poll(&self) -> Vec<String> {
        let text = self.http.get(&self.url).send().await.unwrap().text().await.unwrap();
        let packets: Vec<String> = text.split('\u{1e}').map(str::to_owned).collect();
        if packets.iter().any(|packet| packet == "2") {
            self.post("3").await;
        }
        packets
    }
}

struct Api;

#[controller]
impl Api {
    pub async fn me(&self, Ext(user): Ext<OidcUserContext>) -> Json<OidcUserContext> {
        Json(user)
    }
}

struct Open;

#[controller]
impl Open {
    pub async fn me(&self) -> &'static str {
        "anyone"
    }
}

struct Chat;

#[service]
impl Chat {
    pub async fn whoami(&self, socket: Socket) -> Result<Option<OidcUserContext>> {
        Ok(socket.get())
    }
}

/// Leaves a user as `auth` describes it.
#[derive(Debug, Default, Middleware)]
#[middleware(Handshake)]
struct Robots {}

impl BaseMiddleware<Handshake> for Robots {
    async fn handle(&self, handshake: &mut Handshake, _: &AppHandle) -> Result<(), ConnectError> {
        let mut user = OidcUserContext::default();
        if let Some(role) = handshake.auth().get("role") {
            user.user_role = role.clone().into();
        }
        if let Some(roles) = handshake.auth().get("roles").and_then(Value::as_array) {
            user.roles = roles.iter().cloned().collect();
        }
        handshake.socket().insert(user);
        Ok(())
    }
}

/// Accounts by the text of `sub`; all are disabled once `closed`.
#[derive(Clone, Default)]
pub(crate) struct Users {
    pub(crate) closed: Arc<AtomicBool>,
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
}

impl BaseManager for Users {
    fn provide(self: Arc<Self>, capabilities: &mut Capabilities) {
        capabilities.add::<dyn UserDirectory>(self);
    }
}

#[async_trait]
impl UserDirectory for Users {
    async fn find_or_create(&self, user: &OidcUserContext) -> Result<Option<LocalUser>> {
        self.asked.lock().unwrap().push(user.sub.clone());
        let account = match user.sub.as_str() {
            "throws" => return Err(IOServerError::new("database down", 500)),
            "nobody" => return Ok(None),
            "bare" => LocalUser::default(),
            "named" => LocalUser::default().with_name("From DB").with_email("db@example.com"),
            sub => LocalUser::new(format!("id-{sub}"), "local"),
        };
        let closed = self.closed.load(Ordering::SeqCst);
        Ok(Some(account.disabled(closed || user.sub == "disabled")))
    }
}

/// What a session manager heard.
#[derive(Default)]
pub(crate) struct Log(watch::Sender<Vec<String>>);

impl Log {
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.borrow().clone()
    }

    pub(crate) async fn has(&self, count: usize) -> Vec<String> {
        self.0.subscribe().wait_for(|lines| lines.len() >= count).await.unwrap().clone()
    }

    fn add(&self, line: String) {
        self.0.send_modify(|lines| lines.push(line));
    }
}

struct Sessions(Arc<Log>);

impl BaseManager for Sessions {
    fn provide(self: Arc<Self>, capabilities: &mut Capabilities) {
        capabilities.add::<dyn SessionRegistry>(self);
    }
}

#[async_trait]
impl SessionRegistry for Sessions {
    async fn register_socket(
        &self,
        _: &Socket,
        namespace: &str,
        user: &OidcUserContext,
    ) -> Result<()> {
        if user.name.as_deref() == Some("Bomb") {
            return Err(IOServerError::new("session store down", 500));
        }
        let name = user.name.as_deref().unwrap_or("-");
        self.0.add(format!("+ {namespace} {} {name}", user.user_id));
        Ok(())
    }

    async fn unregister_socket(&self, _: &str, namespace: &str) {
        for _ in 0..100 {
            tokio::task::yield_now().await; // as a store that takes its time
        }
        self.0.add(format!("- {namespace}"));
    }
}
