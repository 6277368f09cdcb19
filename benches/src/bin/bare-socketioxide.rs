//! The least that speaks Socket.IO: socketioxide on hyper, no check of anybody.
//!
//! With `LEAN=1` its read buffer is small, its best setting for many idle sockets.

use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use ioserver_bench::port;
use serde_json::Value;
use socketioxide::{
    SocketIo,
    extract::{AckSender, Data, SocketRef},
};
use tokio::net::TcpListener;

/// The same as that of the app that is measured.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let lean = std::env::var_os("LEAN").is_some();
    let read_buffer = if lean { 512 } else { 4096 };
    let (service, io) = SocketIo::builder()
        .max_buffer_size(4096) // else bursts are lost
        .ws_read_buffer_size(read_buffer)
        .build_svc();
    io.ns("/", talk);
    let listener = TcpListener::bind(("127.0.0.1", port())).await?;
    println!("listening on {}", listener.local_addr()?);
    let builder = Builder::new(TokioExecutor::new());
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (builder, service) = (builder.clone(), service.clone());
        tokio::spawn(async move {
            let _ = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).await;
        });
    }
}

async fn talk(socket: SocketRef) {
    socket.on("echo", async |Data::<Value>(data), ack: AckSender| {
        let _ = ack.send(&data);
    });
    socket.on("say", async |socket: SocketRef, Data::<Value>(data)| {
        let _ = socket.emit("say", &data);
    });
    socket.on("broadcast", async |io: SocketIo, Data::<Value>(data)| {
        let _ = io.emit("broadcast", &data).await;
    });
}
