//! A server that says everything back, with settings of the caller's.

use ioserver::{
    Ack, Arguments, IOServer, IOServerOptions, Result, RunningServer, ServiceOptions, Socket,
    SocketOptions, service,
};

/// Starts a server on a free port, with the same service on `/` and `/chat`.
///
/// # Panics
///
/// If it does not start.
pub async fn serve(socket: SocketOptions) -> RunningServer {
    let options =
        IOServerOptions { host: "127.0.0.1".into(), port: 0, socket, ..Default::default() };
    let mut server = IOServer::new(options);
    for namespace in ["/", "chat"] {
        server.add_service(ServiceOptions::new(namespace, |_| Echo)).expect("a service");
    }
    server.start().await.expect("a server")
}

struct Echo;

#[service]
impl Echo {
    pub async fn message(&self, socket: Socket, arguments: Arguments) {
        socket.emit("message-back", arguments);
    }

    pub async fn echo(&self, arguments: Arguments, ack: Ack) {
        ack.send(&arguments);
    }

    pub async fn id(&self, socket: Socket) -> Result<String> {
        Ok(socket.id().to_owned())
    }

    #[event("café \"☕\"")]
    pub async fn coffee(&self) -> Result<&'static str> {
        Ok("☕")
    }

    pub async fn leave(&self, socket: Socket, close: bool) {
        socket.disconnect(close);
    }
}
