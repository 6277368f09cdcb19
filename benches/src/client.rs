//! A Socket.IO client over WebSocket: just enough of the protocol, and quick.

use std::{io, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Message, Utf8Bytes, protocol::WebSocketConfig},
};

/// A client that is connected to one namespace.
#[derive(Debug)]
pub struct Client {
    stream: WebSocketStream<TcpStream>,
    namespace: String, // `/chat,`, or nothing for the root one
}

/// Whom a load connects to, and with which token.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "built by the benches")]
pub struct Target<'a> {
    /// The server's, as `host:port`.
    pub address: &'a str,
    /// Its path, such as `/chat`.
    pub namespace: &'a str,
    /// What is sent as `auth.token`.
    pub token: Option<&'a str>,
}

impl Client {
    /// Opens the transport and enters the namespace.
    ///
    /// # Errors
    ///
    /// If the server does not let it in within 30 s.
    pub async fn connect(target: Target<'_>) -> io::Result<Self> {
        let connecting = timeout(Duration::from_secs(30), Self::enter(target));
        connecting.await.map_err(|_| broken("a client was not let in within 30 s"))?
    }

    async fn enter(Target { address, namespace, token }: Target<'_>) -> io::Result<Self> {
        let tcp = TcpStream::connect(address).await?;
        tcp.set_nodelay(true)?;
        let url = format!("ws://{address}/socket.io/?EIO=4&transport=websocket");
        let small = WebSocketConfig::default().read_buffer_size(1024).write_buffer_size(0);
        let opened = client_async_with_config(url, tcp, Some(small)).await;
        let (stream, _) = opened.map_err(io::Error::other)?;
        let namespace = if namespace == "/" { String::new() } else { format!("{namespace},") };
        let mut client = Self { stream, namespace };
        expect(&client.next().await?, "0{")?;
        let auth = token.map(|token| json!({ "token": token }).to_string()).unwrap_or_default();
        client.send(format!("40{}{auth}", client.namespace)).await?;
        expect(&client.next().await?, &format!("40{}", client.namespace))?;
        Ok(client)
    }

    async fn send(&mut self, packet: String) -> io::Result<()> {
        self.stream.send(Message::text(packet)).await.map_err(io::Error::other)
    }

    /// Sends an event; with an id, it asks for an ack.
    ///
    /// # Errors
    ///
    /// If the server has closed.
    pub async fn emit(&mut self, event: &str, id: Option<u64>, data: &Value) -> io::Result<()> {
        let id = id.map(|id| id.to_string()).unwrap_or_default();
        self.send(format!("42{}{id}[\"{event}\",{data}]", self.namespace)).await
    }

    /// The next packet that is no ping. Pings are answered.
    ///
    /// # Errors
    ///
    /// If the server has closed.
    pub async fn next(&mut self) -> io::Result<Utf8Bytes> {
        loop {
            let message = self.stream.next().await.ok_or_else(|| broken("the server closed"))?;
            match message.map_err(io::Error::other)? {
                Message::Text(text) if text == "2" => self.send("3".into()).await?,
                Message::Text(text) => return Ok(text),
                _ => {}
            }
        }
    }

    /// The id of an ack, or `None` for another packet.
    #[must_use]
    pub fn ack_id(&self, packet: &str) -> Option<u64> {
        let rest = packet.strip_prefix("43")?.strip_prefix(&self.namespace)?;
        rest.split('[').next()?.parse().ok()
    }
}

fn broken(text: impl Into<String>) -> io::Error {
    io::Error::other(text.into())
}

fn expect(packet: &str, start: &str) -> io::Result<()> {
    match packet.starts_with(start) {
        true => Ok(()),
        false => Err(broken(format!("instead of `{start}…` the server said `{packet}`"))),
    }
}
