use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ioserver::{AppHandle, BaseManager, Capabilities, Result, Socket};
use ioserver_oidc::{OidcUserContext, SessionRegistry, async_trait};

/// Who is connected. In memory, since connections are; a server that shares its users with others
/// would write them down here as well.
pub struct SessionManager {
    sessions: Mutex<Vec<Session>>,
}

#[derive(Clone)]
struct Session {
    socket: Socket,
    namespace: String,
    user_id: String,
}

impl SessionManager {
    pub(crate) fn new(_: AppHandle) -> Self {
        let sessions = Mutex::default();
        Self { sessions }
    }

    /// The ids of the users who are connected.
    pub fn users(&self) -> Vec<String> {
        let sessions = self.sessions();
        let mut users: Vec<_> = sessions.iter().map(|one| one.user_id.clone()).collect();
        users.sort();
        users.dedup();
        users
    }

    /// Disconnects a user everywhere, and says how many sockets that were.
    pub fn disconnect(&self, user_id: &str) -> usize {
        let theirs: Vec<_> = self.sessions().clone();
        let theirs = theirs.iter().filter(|one| one.user_id == user_id);
        // The lock is free again: each disconnect comes back here, to `unregister_socket`.
        theirs.map(|one| one.socket.disconnect(true)).count()
    }

    fn sessions(&self) -> MutexGuard<'_, Vec<Session>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
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
        let (socket, namespace) = (socket.clone(), namespace.to_owned());
        self.sessions().push(Session {
            socket,
            namespace,
            user_id: user.user_id.clone(),
        });
        Ok(())
    }

    /// A client has one id in all its namespaces, and may have left one of them only.
    async fn unregister_socket(&self, id: &str, namespace: &str) {
        self.sessions()
            .retain(|one| one.socket.id() != id || one.namespace != namespace);
    }
}
