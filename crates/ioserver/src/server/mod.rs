//! Registration, start and stop.

mod activity;
mod bare_answer;
mod construct;
mod embed;
mod layer;
mod lifecycle;
mod listen;
mod names;
mod request_line;
mod running;
mod seats;
mod signal;
mod wire;

use std::{fmt, path::PathBuf, sync::Arc};

use crate::{
    AppHandle, BaseController, BaseManager, BaseService, BaseWatcher, Capabilities,
    ControllerOptions, Events, Handlers, Handshake, IOServerError, IOServerOptions, LogLevel,
    ManagerOptions, OnBadRoute, Request, Result, ServiceOptions, WatcherOptions,
    app::{Entry, namespace_path},
    http::{
        route::{Binder, Route},
        router::Router,
        routes_file::{self, Place, RouteSpec},
        stack::Deferred,
    },
    manager::ErasedManager,
    middleware::Chain,
    socket::gate::{Gate, Namespace},
    watcher::ErasedWatcher,
};

pub(crate) use activity::{Activity, InFlight, OpenBody, Tracked};
pub use construct::Constructed;
pub use embed::{HttpService, RemoteAddress};
pub use names::ComponentKind;
use names::Names;
pub use running::RunningServer;
pub use signal::shutdown_signal;

/// A server that is being put together. [`start`](IOServer::start) makes it a [`RunningServer`].
///
/// # Examples
///
/// ```
/// use ioserver::{IOServer, IOServerOptions};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> ioserver::Result<()> {
/// let server = IOServer::new(IOServerOptions { port: 0, ..Default::default() });
/// let running = server.start().await?;
/// println!("listening on {}", running.address());
/// running.stop().await
/// # }
/// ```
pub struct IOServer {
    options: IOServerOptions,
    app: AppHandle,
    names: Names,
    managers: Vec<Managed>,
    watchers: Vec<Watched>,
    router: Router<Arc<Route>>,
    http_chains: Vec<Arc<Chain<Request>>>,
    namespaces: Vec<Namespace>,
    layers: Vec<Deferred>,
    registry: Registry,
}

struct Managed {
    name: String,
    manager: Arc<dyn ErasedManager>,
    optional: bool,
}

struct Watched {
    name: String,
    watcher: Arc<dyn ErasedWatcher>,
}

impl IOServer {
    /// A server with these settings and no components.
    #[must_use]
    pub fn new(options: IOServerOptions) -> Self {
        let app = AppHandle::new(options.verbose);
        let router = Router::new(options.limits.param_length);
        Self {
            registry: Registry(app.clone()),
            options,
            app,
            names: Names::default(),
            managers: Vec::new(),
            watchers: Vec::new(),
            router,
            http_chains: Vec::new(),
            namespaces: Vec::new(),
            layers: Vec::new(),
        }
    }

    /// The handle that components get.
    #[must_use]
    pub fn app(&self) -> &AppHandle {
        &self.app
    }

    #[cfg(feature = "testing")]
    pub(crate) fn options_mut(&mut self) -> &mut IOServerOptions {
        &mut self.options
    }

    /// The host that the server will listen on.
    #[doc(alias = "getHost")]
    #[must_use]
    pub fn host(&self) -> &str {
        &self.options.host
    }

    /// The port that was asked for; [`RunningServer::address`] has the bound one.
    #[doc(alias = "getPort")]
    #[must_use]
    pub fn port(&self) -> u16 {
        self.options.port
    }

    /// Whether a component of this kind and name was added.
    #[doc(alias = "isRegistered")]
    #[must_use]
    pub fn is_registered(&self, kind: ComponentKind, name: &str) -> bool {
        self.names.contains(kind, name)
    }

    /// Adds a manager. It starts with the server, after the managers that were added before it.
    ///
    /// # Errors
    ///
    /// If the name is missing, too short, reserved (400) or taken (409), or the constructor fails.
    #[doc(alias = "addManager")]
    pub fn add_manager<M, O, F>(&mut self, options: ManagerOptions<'_, F>) -> Result<&mut Self>
    where
        M: BaseManager,
        O: Constructed<M, construct::AsManager>,
        F: FnOnce(AppHandle) -> O,
    {
        let name = options.name;
        self.names.claim(ComponentKind::Manager, name)?;
        let made = (options.manager)(self.app.clone()).constructed();
        let manager = Arc::new(self.made(ComponentKind::Manager, name, made)?);
        let mut capabilities = Capabilities::default();
        Arc::clone(&manager).provide(&mut capabilities);
        self.app.add(name, Entry { manager: manager.clone(), capabilities });
        self.registered(ComponentKind::Manager, name);
        self.managers.push(Managed { name: name.into(), manager, optional: O::OPTIONAL });
        Ok(self)
    }

    /// Adds a watcher. It runs while the server listens.
    ///
    /// # Errors
    ///
    /// As [`add_manager`](Self::add_manager).
    #[doc(alias = "addWatcher")]
    pub fn add_watcher<W, O, F>(&mut self, options: WatcherOptions<'_, F>) -> Result<&mut Self>
    where
        W: BaseWatcher,
        O: Constructed<W, construct::AsWatcher>,
        F: FnOnce(AppHandle) -> O,
    {
        let name = options.name;
        self.names.claim(ComponentKind::Watcher, name)?;
        let made = (options.watcher)(self.app.clone()).constructed();
        let watcher = Arc::new(self.made(ComponentKind::Watcher, name, made)?);
        self.registered(ComponentKind::Watcher, name);
        self.watchers.push(Watched { name: name.into(), watcher });
        Ok(self)
    }

    /// Adds a service on the namespace of its name.
    ///
    /// # Errors
    ///
    /// If the name is reserved (400) or taken (409), the constructor fails, or two methods stand
    /// for one event.
    #[doc(alias = "addService")]
    pub fn add_service<S, O, F>(&mut self, options: ServiceOptions<'_, F>) -> Result<&mut Self>
    where
        S: BaseService,
        O: Constructed<S, construct::AsService>,
        F: FnOnce(AppHandle) -> O,
    {
        let name = if options.name.is_empty() { "/" } else { options.name };
        self.names.claim(ComponentKind::Service, name)?;
        let made = (options.service)(self.app.clone()).constructed();
        let service = Arc::new(self.made(ComponentKind::Service, name, made)?);
        let mut events = Events::new();
        S::events(&mut events);
        let events = events
            .bind(&service, name)
            .inspect_err(|_| self.names.release(ComponentKind::Service, name))?;
        self.registered(ComponentKind::Service, name);
        let settings = &self.options.socket;
        let settings = settings.namespaces.get(name).unwrap_or(&settings.each_namespace);
        self.namespaces.push(Namespace::new(
            namespace_path(name),
            Chain::<Handshake>::new(&options.middlewares),
            events,
            &self.app,
            settings.clone(),
        ));
        Ok(self)
    }

    /// Adds a controller and the routes of its route file `<routes>/<name>.json`.
    ///
    /// # Errors
    ///
    /// As [`add_manager`](Self::add_manager); 404 if there is no route file; and, unless
    /// [`on_bad_route`](IOServerOptions::on_bad_route) says otherwise, if a route cannot be
    /// registered: the error names file, route and what is wrong.
    #[doc(alias = "addController")]
    pub fn add_controller<C, O, F>(
        &mut self,
        options: ControllerOptions<'_, F>,
    ) -> Result<&mut Self>
    where
        C: BaseController,
        O: Constructed<C, construct::AsController>,
        F: FnOnce(AppHandle) -> O,
    {
        let name = options.name;
        self.names.claim(ComponentKind::Controller, name)?;
        let file = self.routes_folder().join(format!("{name}.json"));
        if !file.is_file() {
            let whole = std::path::absolute(&file).unwrap_or(file);
            let message = format!(
                "Routes file does not exist: {}; make it, or set `IOServerOptions::routes` to the \
                 folder of `{name}.json`",
                whole.display()
            );
            return Err(IOServerError::new(message, 404_u16));
        }
        let made = (options.controller)(self.app.clone()).constructed();
        let controller = Arc::new(self.made(ComponentKind::Controller, name, made)?);
        self.registered(ComponentKind::Controller, name);
        let mut methods = Handlers::new();
        C::handlers(&mut methods);
        let chain = Arc::new(Chain::new(&options.middlewares));
        self.http_chains.push(Arc::clone(&chain));
        let accepts = self.options.accepts.clone();
        let binder =
            Binder { controller: &controller, methods: &methods, chain: &chain, accepts: &accepts };
        let entries =
            routes_file::read(&file).map_err(|error| IOServerError::new(error, 500_u16))?;
        for (index, entry) in entries.into_iter().enumerate() {
            let routes_file::Entry { url, spec } = entry;
            let added = spec.and_then(|spec| self.add_route(&binder, &spec, name, options.prefix));
            if let Err(problem) = added {
                let place = Place { file: &file, index, url: &url };
                self.bad_route(&format!("{place}: {problem}"))?;
            }
        }
        Ok(self)
    }

    fn add_route<C: Send + Sync + 'static>(
        &mut self,
        binder: &Binder<'_, C>,
        spec: &RouteSpec,
        controller: &str,
        prefix: Option<&str>,
    ) -> Result<(), String> {
        let (methods, route) = (spec.methods()?, Arc::new(binder.bind(spec)?));
        let url = routes_file::full_url(controller, prefix, &spec.url);
        let constraints = &spec.constraints;
        methods.iter().try_for_each(|method| {
            self.router.insert(method, &url, constraints, &route)?;
            let text = format_args!("[*] Register controller route {method} {url}");
            self.app.log(LogLevel::Debug, text);
            Ok(())
        })
    }

    fn bad_route(&self, problem: &str) -> Result<()> {
        match self.options.on_bad_route {
            OnBadRoute::Refuse => Err(IOServerError::new(problem.to_owned(), 500_u16)),
            OnBadRoute::LogAndSkip => {
                self.app.log(LogLevel::Error, format_args!("{problem}; the route is left out"));
                Ok(())
            }
        }
    }

    fn registered(&self, kind: ComponentKind, name: &str) {
        self.app.log(LogLevel::Debug, format_args!("[*] Register {kind} {name}"));
    }

    fn routes_folder(&self) -> PathBuf {
        let folder = &self.options.routes;
        if folder.is_dir() { folder.clone() } else { "routes".into() }
    }

    /// The component, or its constructor's error in the original's words. Then the name is free
    /// again.
    fn made<T>(&mut self, kind: ComponentKind, name: &str, made: Result<T>) -> Result<T> {
        made.map_err(|error| {
            self.names.release(kind, name);
            let cause = format!("{}: {error}", error.name().unwrap_or("Error"));
            let message = format!(
                "Error while instantiating {name} {kind}: IOServerError: Error instantiating {kind}: {cause}"
            );
            IOServerError::new(message, error.status())
        })
    }
}

impl fmt::Debug for IOServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IOServer").field("options", &self.options).finish_non_exhaustive()
    }
}

/// Empties the app's registry of managers when its server goes: managers hold app handles, and the
/// registry holds managers.
struct Registry(AppHandle);

impl Drop for Registry {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Gates of all namespaces; the root one is there even if no service is.
fn gates(
    namespaces: Vec<Namespace>,
    app: &AppHandle,
    max_auth: usize,
) -> impl Iterator<Item = Gate> {
    let has_root = namespaces.iter().any(|namespace| namespace.path == "/");
    let root = (!has_root).then(|| Namespace::empty("/", app));
    namespaces
        .into_iter()
        .chain(root)
        .map(move |namespace| Gate { namespace: Arc::new(namespace), max_auth })
}
