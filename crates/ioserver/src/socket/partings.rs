//! Sockets that are leaving a connection's namespaces.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::watch;

use super::gate::Namespace;

/// The namespaces of one connection whose last socket has not been seen off yet.
///
/// A client may leave a namespace and join it anew at once. What was left to be done when it leaves
/// comes before what is done when it joins, or a registry of who is there would lose it.
#[derive(Default)]
pub(in crate::socket) struct Partings(Mutex<Vec<Leaving>>);

struct Leaving {
    namespace: Arc<Namespace>,
    over: watch::Receiver<()>,
}

/// The socket is seen off when this is dropped.
#[must_use]
pub(in crate::socket) struct Parting(#[expect(dead_code, reason = "dropped")] watch::Sender<()>);

impl Partings {
    /// A socket begins to leave.
    pub(in crate::socket) fn begin(&self, namespace: &Arc<Namespace>) -> Parting {
        let (parting, over) = watch::channel(());
        let mut leaving = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        leaving.retain(Leaving::goes_on);
        leaving.push(Leaving { namespace: Arc::clone(namespace), over });
        Parting(parting)
    }

    /// Waits until all earlier sockets of the namespace were seen off.
    pub(in crate::socket) async fn over(&self, namespace: &Arc<Namespace>) {
        while let Some(mut over) = self.first(namespace) {
            let _ = over.changed().await; // an error: nothing is ever sent
        }
    }

    fn first(&self, namespace: &Arc<Namespace>) -> Option<watch::Receiver<()>> {
        let leaving = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |one: &&Leaving| Arc::ptr_eq(&one.namespace, namespace) && one.goes_on();
        leaving.iter().find(same).map(|one| one.over.clone())
    }
}

impl Leaving {
    fn goes_on(&self) -> bool {
        self.over.has_changed().is_ok()
    }
}

impl fmt::Debug for Partings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Partings").finish_non_exhaustive()
    }
}
