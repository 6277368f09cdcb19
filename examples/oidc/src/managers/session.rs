//! Who is connected.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use ioserver::{AppHandle, BaseManager, Capabilities, Result, Socket};
use ioserver_oidc::{OidcUserContext, SessionRegistry};
use serde::Serialize;

/// The connected sockets, by id and namespace.
pub(crate) struct SessionManager {
    sockets: Mutex<BTreeMap<(String, String), Entry>>,
}

struct Entry {
    socket: Socket,
    visitor: Visitor,
}

/// A connected socket as admins see it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Visitor {
    id: String,
    namespace: String,
    name: Option<String>,
}

impl SessionManager {
    pub(crate) fn new(_: AppHandle) -> Self {
        Self { sockets: Mutex::default() }
    }

    /// Everyone who is connected.
    pub(crate) fn visitors(&self) -> Vec<Visitor> {
        self.sockets().values().map(|entry| entry.visitor.clone()).collect()
    }

    /// Disconnects a socket from everything; `false` if there is none of this id.
    pub(crate) fn disconnect(&self, id: &str) -> bool {
        let found = self
            .sockets()
            .values()
            .find(|entry| entry.visitor.id == id)
            .map(|entry| entry.socket.clone());
        found.is_some_and(|socket| {
            socket.disconnect(true);
            true
        })
    }

    fn sockets(&self) -> MutexGuard<'_, BTreeMap<(String, String), Entry>> {
        self.sockets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BaseManager for SessionManager {
    fn provide(self: Arc<Self>, capabilities: &mut Capabilities) {
        capabilities.add::<dyn SessionRegistry>(self);
    }
}

#[async_trait]
impl SessionRegistry for SessionManager {
    async fn register_socket(
        &self,
        socket: &Socket,
        namespace: &str,
        user: &OidcUserContext,
    ) -> Result<()> {
        let visitor = Visitor {
            id: socket.id().to_owned(),
            namespace: namespace.to_owned(),
            name: user.name.clone(),
        };
        let key = (visitor.id.clone(), visitor.namespace.clone());
        self.sockets().insert(key, Entry { socket: socket.clone(), visitor });
        Ok(())
    }

    async fn unregister_socket(&self, id: &str, namespace: &str) {
        self.sockets().remove(&(id.to_owned(), namespace.to_owned()));
    }
}
