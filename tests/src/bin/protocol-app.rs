//! `protocol-app --port N`: the server that the public Engine.IO and Socket.IO protocol suites, and
//! `tests/protocol_*.rs`, are run against. Beyond what the suites ask for, all options are at their
//! defaults.

use std::time::Duration;

use ioserver::{
    Ack, Arguments, IOServer, IOServerError, IOServerOptions, Payload, Result, ServiceOptions,
    Socket, SocketOptions, service,
};
use serde_json::Value;

/// Gives memory back to the system when clients leave; that of glibc keeps it.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> Result<()> {
    let mut server = IOServer::new(IOServerOptions {
        host: "127.0.0.1".into(),
        port: port()?,
        socket: SocketOptions {
            ping_interval: Duration::from_millis(300),
            ping_timeout: Duration::from_millis(200),
            max_payload: 1_000_000,
            connect_timeout: Duration::from_secs(1),
            ack_timeout: Duration::from_millis(200),
            ..SocketOptions::default()
        },
        ..IOServerOptions::default()
    });
    for namespace in ["/", "custom"] {
        server.add_service(ServiceOptions::new(namespace, |_| Protocol))?;
    }
    let running = server.start().await?;
    println!("listening on {}", running.address());
    running.until(ioserver::shutdown_signal()).await
}

fn port() -> Result<u16> {
    let wrong = || IOServerError::new("write `protocol-app --port N`", 500);
    let mut arguments = std::env::args().skip_while(|argument| argument != "--port");
    arguments.nth(1).and_then(|port| port.parse().ok()).ok_or_else(wrong)
}

struct Protocol;

#[service]
impl Protocol {
    pub async fn connect(&self, socket: Socket, auth: Value) {
        socket.emit("auth", auth);
    }

    pub async fn message(&self, socket: Socket, arguments: Arguments) {
        socket.emit("message-back", arguments);
    }

    #[event("message-with-ack")]
    pub async fn message_with_ack(&self, arguments: Arguments, ack: Ack) {
        ack.send(&arguments);
    }

    #[event("emit-with-ack")]
    pub async fn emit_with_ack(&self, socket: Socket, arguments: Arguments) -> Result<()> {
        let acked: Arguments = socket.emit_with_ack("emit-with-ack", &arguments).await?;
        socket.emit("emit-with-ack-response", acked);
        Ok(())
    }

    pub async fn say(&self, socket: Socket, what: Payload) {
        socket.emit("say", what);
    }
}
