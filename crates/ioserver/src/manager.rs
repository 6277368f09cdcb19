//! Managers: shared state with a life cycle, found by name, by type or by what they can do.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt,
    sync::Arc,
};

use crate::{BoxFuture, Result};

/// Shared logic that other components reach through the [`AppHandle`](crate::AppHandle).
///
/// # Examples
///
/// ```
/// use ioserver::{BaseManager, IOServer, IOServerOptions, ManagerOptions};
///
/// struct Greeter;
///
/// impl Greeter {
///     fn greet(&self, name: &str) -> String {
///         format!("hello, {name}")
///     }
/// }
///
/// impl BaseManager for Greeter {}
///
/// # fn main() -> ioserver::Result<()> {
/// let mut server = IOServer::new(IOServerOptions::default());
/// server.add_manager(ManagerOptions { name: "greeter", manager: |_app| Greeter })?;
/// let greeter = server.app().manager::<Greeter>("greeter")?;
/// assert_eq!(greeter.greet("world"), "hello, world");
/// # Ok(())
/// # }
/// ```
pub trait BaseManager: Send + Sync + 'static {
    /// Runs once before the server listens, after the managers that were added earlier.
    ///
    /// # Errors
    ///
    /// An error ends the start of the whole server, unless the manager was added as
    /// [`optional`](crate::ManagerOptions::optional). The original logs it and goes on.
    fn start(&self) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// Runs once when the server has stopped, before the managers that were added earlier.
    fn stop(&self) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// Declares what other crates may use this manager for without knowing its type.
    fn provide(self: Arc<Self>, _capabilities: &mut Capabilities) {}
}

/// The trait objects that a manager hands out.
#[derive(Default)]
pub struct Capabilities {
    by_trait: HashMap<TypeId, Box<dyn Any + Send + Sync>>, // each box holds an `Arc<C>`
}

impl Capabilities {
    /// Hands out `manager` as a `C`: `capabilities.add::<dyn UserDirectory>(self)`.
    pub fn add<C: ?Sized + Send + Sync + 'static>(&mut self, manager: Arc<C>) -> &mut Self {
        self.by_trait.insert(TypeId::of::<Arc<C>>(), Box::new(manager));
        self
    }

    pub(crate) fn get<C: ?Sized + Send + Sync + 'static>(&self) -> Option<Arc<C>> {
        self.by_trait.get(&TypeId::of::<Arc<C>>())?.downcast_ref::<Arc<C>>().cloned()
    }
}

impl fmt::Debug for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Capabilities({})", self.by_trait.len())
    }
}

/// The `dyn`-safe face of [`BaseManager`].
pub(crate) trait ErasedManager: Send + Sync {
    fn start(&self) -> BoxFuture<'_, Result<()>>;
    fn stop(&self) -> BoxFuture<'_, ()>;
}

impl<M: BaseManager> ErasedManager for M {
    fn start(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(BaseManager::start(self))
    }

    fn stop(&self) -> BoxFuture<'_, ()> {
        Box::pin(BaseManager::stop(self))
    }
}
