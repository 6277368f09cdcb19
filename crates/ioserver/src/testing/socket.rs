//! A Socket.IO client that polls a server in the same process.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    time::Duration,
};

use serde::Serialize;
use serde_json::Value;
use tokio::time::timeout;

use super::{Inject, Injected};
use crate::{HttpService, IOServerError, Result, socket::Sent};

/// How long a test waits for what it expects.
const PATIENCE: Duration = Duration::from_secs(5);

/// A connected socket. Payloads are JSON; a binary one is an error.
pub struct SocketClient {
    service: HttpService,
    url: String,
    namespace: String,
    id: String,
    next_ack: u64,
    events: VecDeque<(String, Vec<Value>)>,
    acks: Vec<(u64, Vec<Value>)>,
    answers: HashMap<String, Answer>,
}

/// What makes the body of an ack of an event's payloads.
type Answer = Box<dyn FnMut(Vec<Value>) -> Result<String> + Send>;

impl SocketClient {
    pub(super) async fn connect(
        service: HttpService,
        namespace: &str,
        auth: &Value,
    ) -> Result<Self> {
        let namespace = format!("/{}", namespace.trim_start_matches('/'));
        let base = "/socket.io/?EIO=4&transport=polling";
        let opened = Inject::get(base).send(service.clone()).await;
        let open: Value = match opened.text().strip_prefix('0') {
            Some(open) => serde_json::from_str(open).map_err(IOServerError::internal)?,
            None => return Err(unexpected(opened.text())),
        };
        let url = format!("{base}&sid={}", open["sid"].as_str().unwrap_or_default());
        let (id, events, acks, answers) = Default::default();
        let mut client = Self { service, url, namespace, id, next_ack: 0, events, acks, answers };
        client.send('0', None, &auth.to_string()).await?;
        while client.id.is_empty() {
            client.poll().await?;
        }
        Ok(client)
    }

    /// The socket's id in its namespace.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Sends an event. A tuple is several arguments, `()` none, and anything else is one, as with
    /// the server's [`emit`](crate::Socket::emit).
    ///
    /// # Errors
    ///
    /// If the connection is gone.
    pub async fn emit(&mut self, event: &str, payload: impl Serialize) -> Result<()> {
        let event = packet(Some(event), payload)?;
        self.send('2', None, &event).await
    }

    /// Sends an event and waits for its ack; that of several values is an array of them.
    ///
    /// # Errors
    ///
    /// If the connection is gone, or no ack comes within 5 seconds.
    #[doc(alias = "emitWithAck")]
    pub async fn ask(&mut self, event: &str, payload: impl Serialize) -> Result<Value> {
        let id = self.next_ack;
        self.next_ack += 1;
        let event = packet(Some(event), payload)?;
        self.send('2', Some(id), &event).await?;
        loop {
            if let Some(index) = self.acks.iter().position(|(known, _)| *known == id) {
                let (_, mut values) = self.acks.swap_remove(index);
                return Ok(if values.len() == 1 { values.remove(0) } else { Value::Array(values) });
            }
            self.poll().await?;
        }
    }

    /// The next event, with its payloads.
    ///
    /// # Errors
    ///
    /// If the connection is gone, or none comes within 5 seconds.
    pub async fn next(&mut self) -> Result<(String, Vec<Value>)> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(event);
            }
            self.poll().await?;
        }
    }

    /// Answers this event whenever the server asks for an ack, as by
    /// [`emit_with_ack`](crate::Socket::emit_with_ack): with what `answer` makes of its payloads.
    /// It is given to [`next`](Self::next) no more.
    ///
    /// The client reads what the server sends while it [asks](Self::ask) or waits for the
    /// [next](Self::next) event, and answers then.
    ///
    /// ```
    /// # use ioserver::testing::SocketClient;
    /// # async fn test(mut socket: SocketClient) -> ioserver::Result<()> {
    /// socket.answer("ready?", |_| true);
    /// socket.answer("add", |numbers| numbers[0].as_i64().zip(numbers[1].as_i64()).map(|(a, b)| a + b));
    /// let begun = socket.ask("begin", ()).await?; // its method asks back before it acks
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "on")]
    pub fn answer<F, T>(&mut self, event: &str, mut answer: F)
    where
        F: FnMut(Vec<Value>) -> T + Send + 'static,
        T: Serialize,
    {
        let answer = move |payloads| packet(None, answer(payloads));
        self.answers.insert(event.to_owned(), Box::new(answer));
    }

    /// Waits until the server has closed the connection or left the namespace.
    ///
    /// # Errors
    ///
    /// If that does not happen within 5 seconds.
    pub async fn closed(mut self) -> Result<()> {
        loop {
            match self.poll().await {
                Ok(()) => {}
                Err(error) if error.status() == 504 => return Err(error),
                Err(_) => return Ok(()),
            }
        }
    }

    /// Leaves the namespace.
    ///
    /// # Errors
    ///
    /// If the connection is gone already.
    pub async fn disconnect(mut self) -> Result<()> {
        self.send('1', None, "").await
    }

    /// Sends a Socket.IO packet: `4<kind><namespace>,<ack><body>`.
    async fn send(&mut self, kind: char, ack: Option<u64>, body: &str) -> Result<()> {
        let namespace = match &*self.namespace {
            "/" => String::new(),
            other => format!("{other},"),
        };
        let ack = ack.map(|ack| ack.to_string()).unwrap_or_default();
        self.post(format!("4{kind}{namespace}{ack}{body}")).await
    }

    async fn post(&self, packet: String) -> Result<()> {
        let request = Inject::post(&self.url).body("text/plain;charset=UTF-8", packet);
        check(&request.send(self.service.clone()).await)
    }

    /// Waits for packets and sorts them in.
    async fn poll(&mut self) -> Result<()> {
        let answer = timeout(PATIENCE, Inject::get(&self.url).send(self.service.clone())).await;
        let answer = answer.map_err(|_| {
            let message = "the server sent nothing for 5 seconds";
            IOServerError::new(message, 504_u16)
        })?;
        check(&answer)?;
        for packet in answer.text().split('\u{1e}') {
            self.take(packet).await?;
        }
        Ok(())
    }

    async fn take(&mut self, packet: &str) -> Result<()> {
        let mut letters = packet.chars();
        match (letters.next(), letters.next()) {
            (Some('2'), _) => return self.post("3".into()).await, // a ping
            (Some('4'), Some(kind)) => self.sort_in(kind, letters.as_str()).await,
            (Some('6'), _) => Ok(()),
            _ => Err(unexpected(packet)),
        }
    }

    async fn sort_in(&mut self, kind: char, rest: &str) -> Result<()> {
        let body = match rest.strip_prefix(&*self.namespace) {
            Some(body) if self.namespace != "/" => body.strip_prefix(',').unwrap_or(body),
            _ => rest,
        };
        let start = body.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(body.len());
        let (ack, body) = body.split_at(start);
        let read = |body| serde_json::from_str::<Value>(body).map_err(|_| unexpected(rest));
        let list = |body| match read(body)? {
            Value::Array(values) => Ok(values),
            _ => Err(unexpected(rest)),
        };
        match kind {
            '0' => self.id = read(body)?["sid"].as_str().unwrap_or_default().to_owned(),
            '1' => return Err(IOServerError::new("the server closed the socket", 410_u16)),
            '2' => {
                let mut values = list(body)?;
                let name = values.remove(0).as_str().unwrap_or_default().to_owned();
                match (self.answers.get_mut(&name), ack.parse()) {
                    (Some(answer), Ok(id)) => {
                        let body = answer(values)?;
                        self.send('3', Some(id), &body).await?;
                    }
                    _ => self.events.push_back((name, values)),
                }
            }
            '3' => self.acks.push((ack.parse().map_err(|_| unexpected(rest))?, list(body)?)),
            '4' => {
                let message = read(body)?["message"].as_str().unwrap_or_default().to_owned();
                return Err(IOServerError::new(message, 403_u16));
            }
            _ => return Err(unexpected(rest)),
        }
        Ok(())
    }
}

/// The body of an event, or of an ack, which has no name.
fn packet(event: Option<&str>, payload: impl Serialize) -> Result<String> {
    let arguments = serde_json::to_value(Sent(&payload)).map_err(IOServerError::internal)?;
    let Value::Array(mut list) = arguments else {
        return Err(IOServerError::new("the payload is no list of arguments", 500_u16));
    };
    if let Some(event) = event {
        list.insert(0, event.into());
    }
    Ok(Value::Array(list).to_string())
}

fn check(answer: &Injected) -> Result<()> {
    match answer.status() {
        200 => Ok(()),
        status => Err(IOServerError::new("the connection is gone", status)),
    }
}

fn unexpected(packet: &str) -> IOServerError {
    IOServerError::new(format!("the server sent a packet that is not expected: {packet}"), 502_u16)
}

impl fmt::Debug for SocketClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketClient").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}
