//! Clients that speak Engine.IO by hand, packet by packet, over polling and over WebSocket.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http::Request;
use serde_json::Value;
use tokio::{io::AsyncWriteExt, net::TcpStream, sync::Mutex, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, client_async_with_config, connect_async_with_config,
    tungstenite::{Message, protocol::WebSocketConfig},
};

/// Longer than anything here takes: a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(10);

/// Small packets are sent at once, or each other one waits for an acknowledgement.
const NODELAY: bool = true;

/// A thousand clients in a test must not weigh more than the server.
fn small() -> WebSocketConfig {
    WebSocketConfig::default().read_buffer_size(4096)
}

/// The output of a future that must end soon.
///
/// # Panics
///
/// If it does not.
pub async fn soon<F: Future>(what: &str, future: F) -> F::Output {
    timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("{what} takes too long"))
}

/// An answer over HTTP.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: String,
}

/// A session on polling.
#[derive(Clone, Debug)]
pub struct Polling {
    http: reqwest::Client,
    address: String,
    /// The session's id, as a client presents it.
    pub sid: String,
    /// The packet that opened the session.
    pub open: Value,
    waiting: Arc<Mutex<VecDeque<String>>>,
}

impl Polling {
    /// Opens a session on the server at `address`.
    ///
    /// # Panics
    ///
    /// If the answer is no open packet.
    pub async fn open(address: &str) -> Self {
        let http = reqwest::Client::new();
        let url = format!("http://{address}/socket.io/?EIO=4&transport=polling");
        let body = http.get(url).send().await.expect("an answer").text().await.expect("a body");
        let open: Value = serde_json::from_str(body.strip_prefix('0').expect("an open packet"))
            .unwrap_or_else(|error| panic!("{error}: {body}"));
        let sid = open["sid"].as_str().expect("a sid").to_owned();
        Self { http, address: address.to_owned(), sid, open, waiting: Arc::default() }
    }

    /// The same session, presented with another id.
    #[must_use]
    pub fn with_sid(&self, sid: &str) -> Self {
        Self { sid: sid.to_owned(), ..self.clone() }
    }

    /// Polls once.
    pub async fn poll(&self) -> Answer {
        self.ask(self.http.get(self.url())).await
    }

    /// Posts a payload.
    pub async fn post(&self, payload: impl Into<String>) -> Answer {
        self.ask(self.http.post(self.url()).body(payload.into())).await
    }

    /// Posts a payload that is said to be of this kind.
    pub async fn post_as(&self, kind: &str, payload: impl Into<String>) -> Answer {
        self.ask(self.http.post(self.url()).header("content-type", kind).body(payload.into())).await
    }

    /// Begins a request on a connection of its own: all of it up to the end of `rest`, which begins
    /// among the headers.
    ///
    /// # Panics
    ///
    /// If the server does not listen.
    pub async fn begin(&self, method: &str, rest: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).await.expect("a connection");
        let path = format!("/socket.io/?EIO=4&transport=polling&sid={}", self.sid);
        let request = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n{rest}", self.address);
        stream.write_all(request.as_bytes()).await.expect("the server listens");
        stream
    }

    /// The next packet that begins so. Polls, answers pings, and reads past other packets.
    ///
    /// # Panics
    ///
    /// If the session ends before.
    pub async fn packet(&self, beginning: &str) -> String {
        let found = async {
            loop {
                while let Some(packet) = self.waiting.lock().await.pop_front() {
                    if packet == "2" {
                        self.post("3").await;
                    } else if packet.starts_with(beginning) {
                        return packet;
                    }
                }
                let answer = self.poll().await;
                assert_eq!(answer.status, 200, "no {beginning}, but {}", answer.body);
                let packets = answer.body.split('\u{1e}').map(str::to_owned);
                self.waiting.lock().await.extend(packets);
            }
        };
        soon(beginning, found).await
    }

    /// The address of an upgrade to WebSocket.
    #[must_use]
    pub fn upgrade_query(&self) -> String {
        format!("EIO=4&transport=websocket&sid={}", self.sid)
    }

    fn url(&self) -> String {
        format!("http://{}/socket.io/?EIO=4&transport=polling&sid={}", self.address, self.sid)
    }

    async fn ask(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = soon("an answer", request.send()).await.expect("an answer");
        let status = response.status().as_u16();
        Answer { status, body: response.text().await.expect("a body") }
    }
}

/// A WebSocket on which packets are written and read.
#[derive(Debug)]
pub struct Wire {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Wire {
    /// Opens a WebSocket with this query.
    ///
    /// # Errors
    ///
    /// The status if the server refuses it.
    pub async fn connect(address: &str, query: &str) -> Result<Self, u16> {
        let url = format!("ws://{address}/socket.io/?{query}");
        match soon("a handshake", connect_async_with_config(url, Some(small()), NODELAY)).await {
            Ok((socket, _)) => Ok(Self { socket }),
            Err(tokio_tungstenite::tungstenite::Error::Http(response)) => {
                Err(response.status().as_u16())
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Opens a session, and reads past the packet that opens it.
    ///
    /// # Panics
    ///
    /// If the server refuses it.
    pub async fn open(address: &str) -> Self {
        let mut wire =
            Self::connect(address, "EIO=4&transport=websocket").await.expect("a session");
        assert!(wire.packet("0").await.starts_with("0{"));
        wire
    }

    /// Opens a session by a request of the caller's, and reads past the packet that opens it.
    ///
    /// # Panics
    ///
    /// If the server refuses it.
    pub async fn open_with(request: Request<()>) -> Self {
        let handshake = connect_async_with_config(request, Some(small()), NODELAY);
        let (socket, _) = soon("a handshake", handshake).await.expect("a session");
        let mut wire = Self { socket };
        assert!(wire.packet("0").await.starts_with("0{"));
        wire
    }

    /// Opens a session on a connection of the caller's, such as one with a small buffer.
    ///
    /// # Panics
    ///
    /// If the server refuses it.
    pub async fn over(stream: TcpStream) -> Self {
        let address = stream.peer_addr().expect("a peer");
        let url = format!("ws://{address}/socket.io/?EIO=4&transport=websocket");
        let handshake = client_async_with_config(url, MaybeTlsStream::Plain(stream), Some(small()));
        let (socket, _) = soon("a handshake", handshake).await.expect("a session");
        let mut wire = Self { socket };
        assert!(wire.packet("0").await.starts_with("0{"));
        wire
    }

    /// Opens a session and connects it to a namespace such as `/chat`; gives back its socket's id.
    ///
    /// # Panics
    ///
    /// If the server refuses it.
    pub async fn join(address: &str, namespace: &str) -> (Self, String) {
        let mut wire = Self::open(address).await;
        let id = wire.enter(namespace).await;
        (wire, id)
    }

    /// Connects to a namespace; gives back the socket's id.
    ///
    /// # Panics
    ///
    /// If the server refuses it.
    pub async fn enter(&mut self, namespace: &str) -> String {
        let place = if namespace == "/" { String::new() } else { format!("{namespace},") };
        self.send(&format!("40{place}")).await;
        let packet = self.packet(&format!("40{place}")).await;
        let connected: Value = serde_json::from_str(&packet[2 + place.len()..]).expect("a sid");
        connected["sid"].as_str().expect("a sid").to_owned()
    }

    /// Writes a packet.
    pub async fn send(&mut self, packet: &str) {
        let _ = self.socket.send(Message::text(packet)).await; // the server may have closed
    }

    /// Writes an attachment.
    pub async fn send_binary(&mut self, bytes: impl Into<Bytes>) {
        let _ = self.socket.send(Message::binary(bytes)).await;
    }

    /// Writes a packet that is sent with the next one only.
    pub async fn feed(&mut self, packet: &str) {
        let _ = self.socket.feed(Message::text(packet)).await;
    }

    /// The next message that is no ping, which is answered; `None` if the server closes.
    pub async fn next(&mut self) -> Option<Message> {
        let next = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) if text == "2" => self.send("3").await,
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                    Some(Ok(message)) => return Some(message),
                }
            }
        };
        soon("a packet", next).await
    }

    /// The next message as it comes, pings and all; `None` if the server closes.
    pub async fn raw(&mut self) -> Option<Message> {
        match soon("a packet", self.socket.next()).await {
            Some(Ok(Message::Close(_)) | Err(_)) | None => None,
            Some(Ok(message)) => Some(message),
        }
    }

    /// The next packet, which must begin so.
    ///
    /// # Panics
    ///
    /// If another comes, or the server closes.
    pub async fn packet(&mut self, beginning: &str) -> String {
        match self.next().await {
            Some(Message::Text(text)) if text.starts_with(beginning) => text.to_string(),
            other => panic!("{beginning} was to come, not {other:?}"),
        }
    }

    /// The next attachment.
    ///
    /// # Panics
    ///
    /// If something else comes.
    pub async fn binary(&mut self) -> Bytes {
        match self.next().await {
            Some(Message::Binary(bytes)) => bytes,
            other => panic!("an attachment was to come, not {other:?}"),
        }
    }

    /// The messages, pings left out, up to the close of the server.
    pub async fn rest(&mut self) -> Vec<String> {
        let mut messages = Vec::new();
        while let Some(message) = self.next().await {
            messages.push(message.to_string());
        }
        messages
    }

    /// Waits until the server closes; packets before that are read past.
    pub async fn closed(&mut self) {
        while self.next().await.is_some() {}
    }
}
