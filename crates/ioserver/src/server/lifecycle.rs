//! From a server that is put together to one that listens.

use std::{collections::HashMap, io, sync::Arc};

use tokio::{net::TcpListener, sync::oneshot, task::JoinSet};

use super::{IOServer, Managed, RunningServer, gates, listen::Listener, running::Parts};
use crate::{
    AppHandle, BoxFuture, IOServerError, LogLevel, Result,
    app::namespace_path,
    http::{Front, Stack, StaticFiles, cors::Cors},
    socket::{engine::Engine, gate::Namespace},
    task::catch_panic,
};

/// Gives the listener, when everything before it has started.
pub(super) type Bind = BoxFuture<'static, Result<TcpListener>>;

impl IOServer {
    /// Starts the managers in order, then the middlewares, and listens.
    ///
    /// # Errors
    ///
    /// The first manager's or middleware's error, or that the address cannot be listened on. The
    /// managers that had started are stopped.
    pub async fn start(self) -> Result<RunningServer> {
        let (host, port) = (self.options.host.clone(), self.options.port);
        self.run(Box::pin(async move {
            TcpListener::bind((host.as_str(), port)).await.map_err(|error| {
                let message = format!("cannot listen on {host}:{port}: {}", explain(&error));
                IOServerError::new(message, 500_u16)
            })
        }))
        .await
    }

    /// Like [`start`](Self::start), on a listener of the caller's; tests pass port 0.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub async fn serve(self, listener: TcpListener) -> Result<RunningServer> {
        self.run(Box::pin(std::future::ready(Ok(listener)))).await
    }

    async fn run(self, bind: Bind) -> Result<RunningServer> {
        let (bound, address) = oneshot::channel();
        let bind: Bind = Box::pin(async move {
            let listener = bind.await?;
            let _ = bound.send(listener.local_addr()?); // below, we wait for it
            Ok(listener)
        });
        let (_, parts) = self.launch(Some(bind)).await?;
        let address = address.await.expect("a server that was launched is bound");
        let text = format_args!("[*] Server listening on http://{address}");
        parts.app.log(LogLevel::Notification, text);
        Ok(RunningServer::new(address, parts))
    }

    /// Starts everything, and a listener if there is to be one.
    pub(super) async fn launch(mut self, bind: Option<Bind>) -> Result<(Stack, Parts)> {
        let managers = std::mem::take(&mut self.managers);
        let mut started = 0;
        let result = async {
            for managed in &managers {
                start_manager(managed, &self.app).await?;
                started += 1;
            }
            for chain in &self.http_chains {
                chain.start(&self.app)?;
            }
            for namespace in &self.namespaces {
                namespace.chain.start(&self.app)?;
            }
            let listener = match bind {
                Some(bind) => Some(bind.await?),
                None => None,
            };
            self.open(listener)
        }
        .await;
        match result {
            Ok((stack, mut parts)) => {
                parts.managers = managers;
                Ok((stack, parts))
            }
            Err(error) => {
                stop_all(&managers[..started]).await;
                Err(error)
            }
        }
    }

    fn open(self, listener: Option<TcpListener>) -> Result<(Stack, Parts)> {
        let Self { options, app, watchers, router, namespaces, registry, layers, .. } = self;
        let port = match &listener {
            Some(listener) => listener.local_addr()?.port(),
            None => options.port,
        };
        check_namespaces(&options, &namespaces)?;
        let (engine, io) = Engine::new(&options, &app)?;
        let mut losses = HashMap::new();
        for gate in gates(namespaces, &app, options.socket.max_auth) {
            losses.insert(gate.namespace.path.clone(), Arc::clone(&gate.namespace.losses));
            gate.mount(&io);
        }
        engine.know(losses.keys().cloned());
        app.connect(io.clone(), losses);
        let front = Arc::new(Front {
            router,
            cors: Cors::new(&options.cors, &options.host, port)?,
            engine,
            files: static_files(&options, &app),
            app: app.clone(),
            body_limit: options.body_limit,
            limits: options.limits,
            trust_proxy: options.trust_proxy.into(),
            hide_internal: options.hide_internal,
        });
        let mut watching = JoinSet::new();
        for watched in &watchers {
            let text = format_args!("[*] Start watcher {}", watched.name);
            app.log(LogLevel::Information, text);
            let (name, watcher) = (watched.name.clone(), Arc::clone(&watched.watcher));
            let app = app.clone();
            watching.spawn(async move {
                let why = match catch_panic(watcher.watch()).await {
                    Ok(Ok(())) => return,
                    Ok(Err(error)) => error.to_string(),
                    Err(_) => "it panicked".into(),
                };
                app.log(LogLevel::Error, format_args!("watcher `{name}` failed: {why}"));
            });
        }
        let has_layers = !layers.is_empty();
        let bare = Stack::new(&front);
        let stack = layers.into_iter().fold(bare, |stack, layer| layer(stack, &front));
        let layered = has_layers.then(|| stack.clone());
        let listener =
            listener.map(|listener| Listener::spawn(listener, front, layered, app.clone()));
        let (managers, grace) = (Vec::new(), options.grace);
        let parts = Parts { app, managers, watchers, watching, listener, io, grace, registry };
        Ok((stack, parts))
    }
}

/// A name without a service is a slip that would leave its service with other settings.
fn check_namespaces(options: &crate::IOServerOptions, services: &[Namespace]) -> Result<()> {
    let known = |name: &String| services.iter().any(|space| space.path == namespace_path(name));
    match options.socket.namespaces.keys().find(|name| !known(name)) {
        Some(name) => {
            let message =
                format!("`socket.namespaces` names `{name}`, and there is no such service");
            Err(IOServerError::new(message, 500_u16))
        }
        None => Ok(()),
    }
}

async fn start_manager(managed: &Managed, app: &AppHandle) -> Result<()> {
    let outcome = catch_panic(managed.manager.start()).await;
    let result = outcome.unwrap_or_else(|_| Err(IOServerError::new("it panicked", 500_u16)));
    let name = &managed.name;
    match result {
        Ok(()) => Ok(()),
        Err(error) if managed.optional => {
            app.log(LogLevel::Error, format_args!("manager `{name}` did not start: {error}"));
            Ok(())
        }
        Err(error) => {
            let message = format!("manager `{name}` did not start: {error}");
            Err(IOServerError::new(message, error.status()))
        }
    }
}

/// Stops managers in the reverse order of their start.
pub(super) async fn stop_all(managers: &[Managed]) {
    for managed in managers.iter().rev() {
        let _ = catch_panic(managed.manager.stop()).await; // the others stop all the same
    }
}

fn static_files(options: &crate::IOServerOptions, app: &AppHandle) -> Option<StaticFiles> {
    let root = options.root_dir.as_ref()?;
    match StaticFiles::open(root, options.spa_fallback, options.precompressed) {
        Ok(files) => Some(files),
        Err(error) => {
            let root = root.display();
            let text = format_args!("`root_dir` `{root}`: {error}; no static files are served");
            app.log(LogLevel::Warning, text);
            None
        }
    }
}

fn explain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "another program listens there; stop it or choose another port".into()
        }
        io::ErrorKind::PermissionDenied => {
            "this port needs more rights; choose one above 1023".into()
        }
        _ => error.to_string(),
    }
}
