//! The signals that stop a server.

/// Ends when the process gets SIGINT (Ctrl-C) or SIGTERM. A second signal ends the process at
/// once, for operators who do not want to wait for open requests.
///
/// ```no_run
/// # async fn run(server: ioserver::IOServer) -> ioserver::Result<()> {
/// server.start().await?.until(ioserver::shutdown_signal()).await
/// # }
/// ```
///
/// # Panics
///
/// If the process may not listen to signals.
pub async fn shutdown_signal() {
    let mut signals = Signals::listen();
    signals.next().await;
    tokio::spawn(async move {
        signals.next().await;
        std::process::exit(130);
    });
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).expect("the process may listen to signals");
        let (interrupt, terminate) = (SignalKind::interrupt(), SignalKind::terminate());
        Self { interrupt: listen(interrupt), terminate: listen(terminate) }
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> Self {
        Self
    }

    async fn next(&mut self) {
        tokio::signal::ctrl_c().await.expect("the process may listen to signals");
    }
}
