//! The key endpoint: as much HTTP as a client of it needs.

use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use super::{Outage, SigningKey};

/// What the service and its connections share.
pub(super) struct Shared {
    pub(super) state: Mutex<State>,
    hits: AtomicUsize,
}

impl Shared {
    pub(super) fn new(state: State) -> Self {
        Self { state: Mutex::new(state), hits: AtomicUsize::new(0) }
    }

    pub(super) fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }
}

/// The keys, the newest last, and how the endpoint behaves.
pub(super) struct State {
    older: Vec<SigningKey>,
    current: SigningKey,
    rotations: usize,
    pub(super) published: Vec<u8>,
    pub(super) outage: Option<Outage>,
    pub(super) delay: Duration,
}

impl State {
    pub(super) fn with(first: SigningKey) -> Self {
        let mut state = Self {
            older: Vec::new(),
            current: first,
            rotations: 1,
            published: Vec::new(),
            outage: None,
            delay: Duration::ZERO,
        };
        state.publish();
        state
    }

    pub(super) fn current(&self) -> &SigningKey {
        &self.current
    }

    pub(super) fn next_key(&mut self) -> SigningKey {
        self.rotations += 1;
        SigningKey::generate(format!("key-{}", self.rotations), self.current.algorithm())
    }

    pub(super) fn add(&mut self, key: SigningKey) {
        self.older.push(std::mem::replace(&mut self.current, key));
        self.publish();
    }

    pub(super) fn retire(&mut self) {
        self.older.clear();
        self.publish();
    }

    fn publish(&mut self) {
        let keys = self.older.iter().chain([&self.current]).map(SigningKey::jwk);
        let keys = keys.collect::<Vec<_>>();
        self.published = json!({ "keys": keys }).to_string().into_bytes();
    }
}

/// Serves until it is aborted; its connections end with it.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue }; // it went away again at once
                shared.hits.fetch_add(1, Ordering::SeqCst);
                connections.spawn(answer(stream, Arc::clone(&shared)));
            }
            Some(_) = connections.join_next() => {} // a client that went away is no failure
        }
    }
}

const LONGEST_HEAD: u64 = 16 * 1024;

async fn answer(stream: TcpStream, shared: Arc<Shared>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut head = (&mut stream).take(LONGEST_HEAD).lines();
    let request = head.next_line().await?.unwrap_or_default();
    while head.next_line().await?.is_some_and(|line| !line.is_empty()) {}

    let (outage, delay, keys) = {
        let state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        (state.outage, state.delay, state.published.clone())
    };
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let (status, body) = match outage {
        Some(Outage::Down) => return Ok(()),
        Some(Outage::Status(status)) => (status, Vec::new()),
        None if request.starts_with("GET /api/auth/jwks ") => (200, keys),
        None => (404, Vec::new()),
    };
    let head = format!(
        "HTTP/1.1 {status} {status}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), &body].concat()).await?;
    stream.shutdown().await
}
