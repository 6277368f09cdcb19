//! The handle through which components reach each other and the clients.

mod log;
mod send;

use std::{
    any::Any,
    collections::HashMap,
    fmt,
    sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard},
};

use serde::Serialize;
use socketioxide::SocketIo;
use tokio::sync::watch;

use crate::{Broadcast, Capabilities, IOServerError, Result, socket::Losses};

pub use log::LogLevel;
pub use send::SendTo;
pub(crate) use send::namespace_path;

/// Shared by all components of one server. Cheap to clone.
#[derive(Clone)]
pub struct AppHandle {
    shared: Arc<Shared>,
}

struct Shared {
    verbose: LogLevel,
    managers: RwLock<HashMap<Box<str>, Entry>>, // emptied on stop, which breaks the cycle to here
    io: OnceLock<(SocketIo, Namespaces)>,
    stopping: watch::Sender<bool>,
}

/// What each namespace, by its path, did not send.
pub(crate) type Namespaces = HashMap<String, Arc<Losses>>;

/// A manager in the registry.
pub(crate) struct Entry {
    pub(crate) manager: Arc<dyn Any + Send + Sync>,
    pub(crate) capabilities: Capabilities,
}

impl AppHandle {
    pub(crate) fn new(verbose: LogLevel) -> Self {
        let (stopping, _) = watch::channel(false);
        let (managers, io) = Default::default();
        Self { shared: Arc::new(Shared { verbose, managers, io, stopping }) }
    }

    /// The manager of this name and type.
    ///
    /// # Errors
    ///
    /// Names the manager that is missing, or the type that the name stands for instead.
    #[doc(alias = "getManager")]
    #[doc(alias = "getService")]
    pub fn manager<M: Send + Sync + 'static>(&self, name: &str) -> Result<Arc<M>> {
        let managers = self.managers();
        let entry = managers.get(name).ok_or_else(|| {
            missing(format!("no manager named `{name}`: add it with `add_manager` first"))
        })?;
        let wanted = std::any::type_name::<M>();
        Arc::clone(&entry.manager)
            .downcast()
            .map_err(|_| missing(format!("manager `{name}` is not a `{wanted}`")))
    }

    /// A manager of this type, whatever its name.
    #[must_use]
    pub fn manager_of<M: Send + Sync + 'static>(&self) -> Option<Arc<M>> {
        self.managers().values().find_map(|entry| Arc::clone(&entry.manager).downcast().ok())
    }

    /// What the manager of this name can do, if it is there and can:
    /// `app.capability::<dyn UserDirectory>("users")`.
    #[must_use]
    pub fn capability<C: ?Sized + Send + Sync + 'static>(&self, manager: &str) -> Option<Arc<C>> {
        self.managers().get(manager)?.capabilities.get()
    }

    /// Whether a manager of this name was added.
    #[must_use]
    pub fn has_manager(&self, name: &str) -> bool {
        self.managers().contains_key(name)
    }

    /// Sends an event to a namespace, a room or one socket.
    ///
    /// Returns `false`, and sends nothing, before the server has started, for a namespace without
    /// a service, for the id of a socket that is not connected, and for an event name that is
    /// empty or reserved.
    #[doc(alias = "sendTo")]
    #[expect(clippy::needless_pass_by_value, reason = "a message is written where it is sent")]
    pub fn send<T: Serialize>(&self, message: SendTo<'_, T>) -> bool {
        let io = self.shared.io.get();
        io.is_some_and(|(io, namespaces)| message.deliver(io, namespaces))
    }

    /// The sockets of a namespace, to send to, to list or to disconnect; those of a room by
    /// [`to`](Broadcast::to). `None` before the server has started and where there is no service.
    ///
    /// # Examples
    ///
    /// What a middleware left on the sockets finds those of one user:
    ///
    /// ```
    /// # use ioserver::AppHandle;
    /// #[derive(Clone)]
    /// struct User(String);
    ///
    /// fn throw_out(app: &AppHandle, name: &str) {
    ///     for socket in app.sockets("chat").into_iter().flat_map(|all| all.sockets()) {
    ///         if socket.get::<User>().is_some_and(|user| user.0 == name) {
    ///             socket.disconnect(true);
    ///         }
    ///     }
    /// }
    /// ```
    #[doc(alias = "of")]
    #[must_use]
    pub fn sockets(&self, namespace: &str) -> Option<Broadcast> {
        let (io, namespaces) = self.shared.io.get()?;
        let path = namespace_path(namespace);
        let losses = namespaces.get(&path).map(Arc::clone);
        Some(Broadcast::new(io.of(path)?, losses))
    }

    /// How many messages of a namespace were not sent because a client
    /// [did not read](crate::NamespaceOptions::slow_clients). What waited for one when it was
    /// disconnected is not among them.
    #[must_use]
    pub fn messages_lost(&self, namespace: &str) -> u64 {
        let namespaces = self.shared.io.get().map(|(_, namespaces)| namespaces);
        let losses = namespaces.and_then(|all| all.get(&namespace_path(namespace)));
        losses.map_or(0, |losses| losses.count())
    }

    /// Writes a line if the server is verbose enough for it.
    pub fn log(&self, level: LogLevel, text: impl fmt::Display) {
        if level <= self.shared.verbose {
            level.write(&text);
        }
    }

    /// How much the server logs.
    #[must_use]
    pub fn verbose(&self) -> LogLevel {
        self.shared.verbose
    }

    /// Ends when the server begins to stop.
    pub async fn stopping(&self) {
        let mut stopping = self.shared.stopping.subscribe();
        let _ = stopping.wait_for(|&stopping| stopping).await;
    }

    pub(crate) fn add(&self, name: &str, entry: Entry) {
        let mut managers = self.shared.managers.write().unwrap_or_else(PoisonError::into_inner);
        managers.insert(name.into(), entry);
    }

    pub(crate) fn connect(&self, io: SocketIo, namespaces: Namespaces) {
        let _ = self.shared.io.set((io, namespaces)); // a server starts once
    }

    pub(crate) fn begin_stop(&self) {
        self.shared.stopping.send_replace(true);
    }

    pub(crate) fn close(&self) {
        self.begin_stop();
        let mut managers = self.shared.managers.write().unwrap_or_else(PoisonError::into_inner);
        let emptied = std::mem::take(&mut *managers);
        drop(managers); // a manager's own `Drop` may use the handle
        drop(emptied);
    }

    fn managers(&self) -> RwLockReadGuard<'_, HashMap<Box<str>, Entry>> {
        self.shared.managers.read().unwrap_or_else(PoisonError::into_inner)
    }
}

fn missing(message: String) -> IOServerError {
    IOServerError::new(message, 500)
}

impl fmt::Debug for AppHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppHandle").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BaseManager, IOServer, IOServerOptions, ManagerOptions};

    trait Greets: Send + Sync {
        fn greet(&self) -> &'static str;
    }

    struct French;

    impl Greets for French {
        fn greet(&self) -> &'static str {
            "bonjour"
        }
    }

    impl BaseManager for French {
        fn provide(self: Arc<Self>, capabilities: &mut Capabilities) {
            capabilities.add::<dyn Greets>(self);
        }
    }

    struct Silent;

    impl BaseManager for Silent {}

    #[test]
    fn managers_are_found_by_name_by_type_and_by_capability() {
        let mut server = IOServer::new(IOServerOptions::default());
        let french = ManagerOptions { name: "french", manager: |_| French };
        let silent = ManagerOptions { name: "silent", manager: |_| Silent };
        server.add_manager(french).unwrap().add_manager(silent).unwrap();
        let app = server.app().clone();

        assert_eq!(app.capability::<dyn Greets>("french").unwrap().greet(), "bonjour");
        assert!(app.capability::<dyn Greets>("silent").is_none());
        assert!(app.manager::<French>("french").is_ok());
        assert!(app.manager_of::<Silent>().is_some());
        let error = app.manager::<French>("silent").err().unwrap();
        assert!(error.to_string().starts_with("manager `silent` is not a `"), "{error}");

        drop(server);
        assert!(!app.has_manager("french"));
    }
}
