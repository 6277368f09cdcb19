//! A key endpoint on loopback that counts, and fails as it is told.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    time,
};

use crate::jwks::{JwksOptions, JwksSource};

/// The endpoint. It is gone with the test's runtime.
pub(crate) struct Endpoint {
    pub(crate) uri: String,
    shared: Arc<Shared>,
}

struct Shared {
    hits: watch::Sender<usize>,
    open: watch::Sender<bool>,
    answer: Mutex<Answer>,
}

/// What the endpoint does with a request once it has read it.
#[derive(Clone)]
pub(crate) enum Answer {
    Text(u16, String),
    /// A head that promises more than comes.
    Stall,
    /// A head and chunks without end.
    Endless,
    Redirect,
    Close,
}

impl Endpoint {
    pub(crate) async fn start(keys: &[Value]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}/jwks", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            hits: watch::Sender::new(0),
            open: watch::Sender::new(true),
            answer: Mutex::new(set(keys)),
        });
        tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self { uri, shared }
    }

    /// A source of its own for this endpoint.
    pub(crate) fn source(&self, options: &JwksOptions) -> Arc<JwksSource> {
        Arc::new(JwksSource::new(&self.uri, options).unwrap())
    }

    pub(crate) fn publish(&self, keys: &[Value]) {
        self.answer(set(keys));
    }

    pub(crate) fn answer(&self, answer: Answer) {
        *self.shared.answer.lock().unwrap() = answer;
    }

    pub(crate) fn status(&self, status: u16) {
        self.answer(Answer::Text(status, r#"{"keys":[]}"#.to_owned()));
    }

    /// From now on, requests are accepted and wait for [`Self::release`].
    pub(crate) fn hold(&self) {
        self.shared.open.send_replace(false);
    }

    pub(crate) fn release(&self) {
        self.shared.open.send_replace(true);
    }

    pub(crate) fn hits(&self) -> usize {
        *self.shared.hits.borrow()
    }

    /// Waits until this many requests have come.
    pub(crate) async fn hit(&self, count: usize) {
        let mut hits = self.shared.hits.subscribe();
        let come = hits.wait_for(|hits| *hits >= count);
        time::timeout(Duration::from_secs(10), come).await.expect("no request comes").unwrap();
    }
}

/// Lets time pass at once. The clock stands only for this: while a socket is waited for, it runs, so
/// that no timeout fires because the test had nothing else to do.
pub(crate) async fn pass(time: Duration) {
    time::pause();
    time::advance(time).await;
    time::resume();
}

fn set(keys: &[Value]) -> Answer {
    Answer::Text(200, json!({ "keys": keys }).to_string())
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, Arc::clone(&shared)));
    }
}

async fn serve(mut stream: TcpStream, shared: Arc<Shared>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    shared.hits.send_modify(|hits| *hits += 1);
    let _ = shared.open.subscribe().wait_for(|open| *open).await;
    let answer = shared.answer.lock().unwrap().clone();
    match answer {
        Answer::Text(status, body) => {
            let length = body.len();
            let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n\r\n");
            stream.write_all(&[head.into_bytes(), body.into_bytes()].concat()).await?;
        }
        Answer::Stall => {
            stream.write_all(b"HTTP/1.1 200 X\r\ncontent-length: 99\r\n\r\n{").await?;
            stream.read_u8().await?; // until the other side gives up
        }
        Answer::Endless => {
            stream.write_all(b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n").await?;
            let chunk = [b"1000\r\n".as_slice(), &[b' '; 4096], b"\r\n"].concat();
            loop {
                stream.write_all(&chunk).await?;
            }
        }
        Answer::Redirect => {
            let head = "HTTP/1.1 302 X\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(head.as_bytes()).await?;
        }
        Answer::Close => {}
    }
    Ok(())
}
