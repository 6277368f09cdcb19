//! The smallest IOServer app: one controller and one service.

use ioserver::{
    ControllerOptions, IOServer, IOServerOptions, Result, ServiceOptions, Socket, controller,
    extract::Params, service,
};
use serde::Deserialize;

struct HelloController;

#[derive(Deserialize)]
struct Whom {
    name: String,
}

#[controller]
impl HelloController {
    /// `GET /hello/:name`, which `routes/hello.json` ties to this method.
    pub async fn get_hello(&self, Params(whom): Params<Whom>) -> String {
        format!("hello, {}\n", whom.name)
    }
}

struct EchoService;

#[service]
impl EchoService {
    /// `socket.emit("say", "hi", callback)`: told to the others, and acked with its length.
    pub async fn say(&self, socket: Socket, text: String) -> Result<usize> {
        socket.broadcast().emit("said", &text);
        Ok(text.chars().count())
    }
}

/// Gives memory back to the system when clients leave; that of glibc keeps it.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> Result<()> {
    let mut server = IOServer::new(IOServerOptions {
        port: 3000,
        routes: concat!(env!("CARGO_MANIFEST_DIR"), "/routes").into(),
        ..IOServerOptions::default()
    });
    server.add_controller(ControllerOptions {
        name: "hello",
        controller: |_| HelloController,
        middlewares: vec![],
        prefix: Some(""),
    })?;
    server.add_service(ServiceOptions {
        name: "echo",
        service: |_| EchoService,
        middlewares: vec![],
    })?;

    let running = server.start().await?;
    println!("http://{}/hello/world", running.address());
    running.until(ioserver::shutdown_signal()).await
}
