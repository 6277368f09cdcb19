//! Who is connected.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ioserver::{AppHandle, BaseManager, Capabilities, Result, Socket};
use ioserver_oidc::{OidcUserContext, SessionRegistry, async_trait};
use serde::Serialize;

use crate::clock;

/// The connected sockets, by namespace and id.
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
    name: Option<String>,
    email: Option<String>,
    since: String,
}

impl SessionManager {
    pub(crate) fn new(_: AppHandle) -> Self {
        Self { sockets: Mutex::default() }
    }

    /// Everyone who is connected to a namespace.
    pub(crate) fn visitors(&self, namespace: &str) -> Vec<Visitor> {
        let sockets = self.sockets();
        let there = sockets.iter().filter(|((of, _), _)| of == namespace);
        there.map(|(_, entry)| entry.visitor.clone()).collect()
    }

    /// Sends a socket an event that says why, and disconnects it; `false` if there is none.
    pub(crate) fn disconnect(&self, namespace: &str, id: &str, why: (&str, &str)) -> bool {
        let key = (namespace.to_owned(), id.to_owned());
        let found = self.sockets().get(&key).map(|entry| entry.socket.clone());
        found.is_some_and(|socket| {
            let message = serde_json::json!({ "message": why.1 });
            socket.emit(why.0, message); // one that has gone hears nothing
            socket.disconnect(false);
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
        let id = socket.id().to_owned();
        let (name, email) = (user.name.clone(), user.email.clone());
        let visitor = Visitor { id: id.clone(), name, email, since: clock::now() };
        let entry = Entry { socket: socket.clone(), visitor };
        self.sockets().insert((namespace.to_owned(), id), entry);
        Ok(())
    }

    async fn unregister_socket(&self, id: &str, namespace: &str) {
        self.sockets().remove(&(namespace.to_owned(), id.to_owned()));
    }
}
