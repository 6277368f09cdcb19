//! What one would write without us: axum, jsonwebtoken in a handler, and socketioxide as a layer.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    routing::get,
};
use ioserver_bench::{Keys, port};
use serde::Serialize;
use serde_json::Value;
use socketioxide::{
    SocketIo,
    extract::{AckSender, Data, SocketRef},
};
use tokio::net::TcpListener;

#[derive(Serialize)]
struct Hello {
    hello: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Me {
    user_id: String,
}

/// The same as that of the app that is measured.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let keys = Arc::new(Keys::fetch().await?);
    let (layer, io) = SocketIo::new_layer();
    io.ns("/", talk);
    let app = Router::new()
        .route("/api/hello", get(|| async { Json(Hello { hello: "world" }) }))
        .route("/secure/me", get(me))
        .with_state(keys)
        .layer(layer);
    let listener = TcpListener::bind(("127.0.0.1", port())).await?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, app).await
}

async fn me(State(keys): State<Arc<Keys>>, headers: HeaderMap) -> Result<Json<Me>, StatusCode> {
    let header = headers.get(header::AUTHORIZATION).map(header::HeaderValue::as_bytes);
    let user = keys.user(header).ok_or(StatusCode::UNAUTHORIZED)?;
    Ok(Json(Me { user_id: user }))
}

async fn talk(socket: SocketRef) {
    socket.on("echo", async |Data::<Value>(data), ack: AckSender| {
        let _ = ack.send(&data);
    });
}
