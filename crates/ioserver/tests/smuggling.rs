//! What a body says is never taken for a request, whoever reads the body, or nobody.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod support;

use std::time::Duration;

use ioserver::{BaseController, Handlers, IOServerOptions, Limits, Reply, Request};
use support::{Server, status_of};
use tokio::io::AsyncWriteExt;

/// Ways to answer a request without having read its body.
struct Careless;

impl Careless {
    async fn refuse(&self, _: &mut Request) -> Reply {
        tokio::task::yield_now().await; // as a guard that asks somebody
        Reply::new(401_u16)
    }

    async fn hand_over(&self, request: &mut Request) -> Reply {
        let body = request.take_body().await;
        tokio::spawn(async move { body.unwrap().collect().await });
        Reply::new(202_u16)
    }

    async fn victim(&self, _: &mut Request) -> Reply {
        Reply::new(200_u16)
    }
}

impl BaseController for Careless {
    fn handlers(on: &mut Handlers<Self>) {
        on.handler_fn("refuse", |careless, request| Box::pin(careless.refuse(request)))
            .handler_fn("handOver", |careless, request| Box::pin(careless.hand_over(request)))
            .handler_fn("victim", |careless, request| Box::pin(careless.victim(request)));
    }
}

const ROUTES: &str = r#"[
    { "method": "GET", "url": "/refuse", "handler": "refuse" },
    { "method": "POST", "url": "/refuse", "handler": "refuse" },
    { "method": "POST", "url": "/handOver", "handler": "handOver", "accepts": ["*/*"] },
    { "method": "GET", "url": "/victim", "handler": "victim" }
]"#;

/// A body which, if its first line were rewritten as that of a request, would get longer by exactly
/// the request at its end.
fn body(padding: usize, method: &str) -> String {
    let smuggled = "GET /victim HTTP/1.1\r\nHost: xx\r\n\r\n";
    let hashes = "#".repeat(smuggled.len() / 2);
    format!("{}{method} /x?{hashes} HTTP/1.1\n{smuggled}", "p".repeat(padding))
}

/// All that is answered to this request, and to one after it.
async fn exchange(server: &Server, head: &str, pieces: &[&str]) -> String {
    let length: usize = pieces.iter().map(|piece| piece.len()).sum();
    let mut wire = server.connect().await;
    wire.send(&format!("{head} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n")).await;
    for piece in pieces {
        wire.0.flush().await.unwrap();
        tokio::task::yield_now().await;
        let _ = wire.0.write_all(piece.as_bytes()).await; // it may be closed by now
    }
    // The server may have closed the connection by now, and then does not answer this.
    let last = b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let _ = wire.0.write_all(last).await;
    wire.rest().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_nobody_reads_is_answered_by_nobody() {
    let server = Server::with(IOServerOptions::default(), ROUTES, Careless).await;
    for (head, status) in [
        ("POST /nowhere", 404),
        ("GET /refuse", 401),
        ("POST /refuse", 415),
        ("POST /handOver", 202),
    ] {
        for padding in [0, 1, 3990, 4000, 4096, 5000, 8192, 9000] {
            let (rest, whole) = (body(0, "GET"), body(padding, ""));
            let padding = "p".repeat(padding);
            for pieces in [vec![whole.as_str()], vec![padding.as_str(), rest.as_str()]] {
                let answer = exchange(&server, head, &pieces).await;
                let case = format!("{head}, {} bytes first: {answer}", pieces[0].len());
                assert!(!answer.contains("200 OK"), "{case}");
                assert_eq!(status_of(&answer), status, "{case}");
            }
        }
    }
    server.running.stop().await.unwrap();
}

#[tokio::test]
async fn the_rest_of_a_body_that_nobody_reads_is_no_request_that_is_late() {
    let limits = Limits {
        header_read: Duration::from_millis(50),
        keep_alive: Duration::from_millis(500),
        ..Limits::default()
    };
    let options = IOServerOptions { limits, ..IOServerOptions::default() };
    let server = Server::with(options, ROUTES, Careless).await;
    let head = "GET /victim HTTP/1.1\r\nHost: x\r\nContent-Length: 4088\r\n\r\n";
    let body = "p".repeat(4088); // more than is read at first: the end comes after the answer
    let mut wire = server.connect().await;
    wire.send(&format!("{head}{body}")).await;
    assert_eq!(status_of(&wire.answer().await), 200);
    assert_eq!(wire.rest().await, "", "the connection is closed without a word");
    server.running.stop().await.unwrap();
}
