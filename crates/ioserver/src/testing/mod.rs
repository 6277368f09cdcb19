//! A server in a test: requests and sockets without a port.
//!
//! With the feature `testing`, a server is started as a whole (managers, middlewares, watchers) and
//! asked in the same process. What is not there is the connection: the [`Limits`](crate::Limits) of
//! headers, idle times and connections need a real one.
//!
//! ```
//! use ioserver::{IOServer, IOServerOptions, ServiceOptions, service};
//! use ioserver::testing::{Inject, TestServer};
//!
//! struct Echo;
//!
//! #[service]
//! impl Echo {
//!     pub async fn shout(&self, text: String) -> ioserver::Result<String> {
//!         Ok(text.to_uppercase())
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> ioserver::Result<()> {
//! let mut server = IOServer::new(IOServerOptions::default());
//! server.add_service(ServiceOptions::new("echo", |_| Echo))?;
//! let server = TestServer::start(server).await?;
//!
//! let answer = server.inject(Inject::get("/nowhere")).await;
//! assert_eq!(answer.status(), 404);
//! assert_eq!(answer.json()["message"], "Route GET:/nowhere not found");
//!
//! let mut socket = server.connect("/echo").await?;
//! assert_eq!(socket.ask("shout", "hi").await?, "HI");
//! server.stop().await
//! # }
//! ```

mod inject;
mod socket;

use std::fmt;

use serde_json::{Value, json};

pub use inject::{Inject, Injected};
pub use socket::SocketClient;

use crate::{AppHandle, HttpService, IOServer, Mode, Result};

/// A started server that has no port.
#[must_use = "a server stops when it is dropped"]
pub struct TestServer {
    service: HttpService,
}

impl TestServer {
    /// Starts everything but a listener. Sockets connect by polling, whatever the server's
    /// [`mode`](crate::IOServerOptions::mode).
    ///
    /// # Errors
    ///
    /// As [`IOServer::start`].
    pub async fn start(mut server: IOServer) -> Result<Self> {
        server.options_mut().mode = Mode::Both;
        Ok(Self { service: server.into_service().await? })
    }

    /// The handle that components have.
    #[must_use]
    pub fn app(&self) -> &AppHandle {
        self.service.app()
    }

    /// Answers a request, as light-my-request does for Fastify.
    pub async fn inject(&self, request: Inject) -> Injected {
        request.send(self.service.clone()).await
    }

    /// Connects a socket to a namespace such as `/chat`.
    ///
    /// # Errors
    ///
    /// The server's refusal: what a browser reads as `connect_error`.
    pub async fn connect(&self, namespace: &str) -> Result<SocketClient> {
        self.connect_with(namespace, &json!({})).await
    }

    /// The same with the `auth` of the handshake, such as `{"token": "…"}`.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    pub async fn connect_with(&self, namespace: &str, auth: &Value) -> Result<SocketClient> {
        SocketClient::connect(self.service.clone(), namespace, auth).await
    }

    /// Stops the server.
    ///
    /// # Errors
    ///
    /// As [`RunningServer::stop`](crate::RunningServer::stop).
    pub async fn stop(self) -> Result<()> {
        self.service.stop().await
    }
}

impl fmt::Debug for TestServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestServer").finish_non_exhaustive()
    }
}
