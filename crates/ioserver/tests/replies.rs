//! Replies: cookies, files, pieces and events.
#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

mod support;

use std::{
    path::PathBuf,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;
use ioserver::{Cookie, Event, IOServerOptions, Reply, Request, SameSite, controller};
use support::{Server, status_of};

#[test]
#[should_panic(expected = "the value of header `location` is no visible text on one line")]
fn a_value_that_is_not_allowed_panics_with_its_headers_name() {
    let _ = Reply::new(201_u16).with_header("location", "/a\nx-evil: 1");
}

#[test]
#[should_panic(expected = "`two words` is no name of a header")]
fn a_name_that_is_not_allowed_panics_with_it() {
    let _ = ioserver::IOServerError::conflict().with_header("two words", "x");
}

struct Replies {
    folder: PathBuf,
}

/// Items that are there already.
struct Ready<T>(std::vec::IntoIter<T>);

impl<T> Unpin for Ready<T> {}

impl<T> Stream for Ready<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<T>> {
        Poll::Ready(self.0.next())
    }
}

#[controller]
impl Replies {
    pub async fn cookies(&self, request: &mut Request) -> Reply {
        let seen = request.cookie("seen").unwrap_or_default();
        let sid =
            Cookie::build(("sid", "a;b")).path("/").http_only(true).same_site(SameSite::Strict);
        Reply::text(seen).with_cookie(sid).without_cookie("old")
    }

    pub async fn file(&self, request: &mut Request) -> Reply {
        Reply::file(self.folder.join("a.txt"), request).await
    }

    pub async fn below(&self, request: &mut Request) -> Reply {
        let name = request.param("*").unwrap_or_default().to_owned();
        Reply::file_below(&self.folder, &name, request).await
    }

    pub async fn pieces(&self) -> Reply {
        let pieces = ["one", "two"].map(Ok::<_, std::io::Error>);
        Reply::pieces(Ready(Vec::from(pieces).into_iter())).with_type("text/plain")
    }

    pub async fn broken(&self) -> Reply {
        let pieces = vec![Ok("one"), Err("no more")];
        Reply::pieces(Ready(pieces.into_iter()))
    }

    pub async fn events(&self) -> Reply {
        Reply::events(Ready(vec![Event::new("1").named("tick"), Event::new("2")].into_iter()))
    }
}

const ROUTES: &str = r#"[
    { "method": "GET", "url": "/cookies", "handler": "cookies" },
    { "method": "GET", "url": "/file", "handler": "file" },
    { "method": "GET", "url": "/below/*", "handler": "below" },
    { "method": "GET", "url": "/pieces", "handler": "pieces" },
    { "method": "GET", "url": "/broken", "handler": "broken" },
    { "method": "GET", "url": "/events", "handler": "events" }
]"#;

struct Files(Server, #[expect(dead_code, reason = "kept until the test ends")] tempfile::TempDir);

impl Files {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.txt"), "0123456789").unwrap();
        std::fs::write(folder.path().join("100%.txt"), "x").unwrap();
        std::fs::write(folder.path().join(".env"), "secret").unwrap();
        let replies = Replies { folder: folder.path().into() };
        Self(Server::with(IOServerOptions::default(), ROUTES, replies).await, folder)
    }

    async fn get(&self, path: &str, headers: &str) -> String {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
        self.0.exchange(&request).await
    }
}

#[tokio::test]
async fn cookies_come_and_go() {
    let server = Files::start().await;
    let answer = server.get("/cookies", "Cookie: a=b; seen=x%20y\r\n").await;
    assert!(
        answer.contains("set-cookie: sid=a%3Bb; HttpOnly; SameSite=Strict; Path=/\r\n"),
        "{answer}"
    );
    assert!(answer.contains("set-cookie: old=; Max-Age=0; Expires="), "{answer}");
    assert!(answer.ends_with("\r\n\r\nx y"), "{answer}");
}

#[tokio::test]
async fn a_file_is_sent_in_parts_and_not_to_who_has_it() {
    let server = Files::start().await;
    let whole = server.get("/file", "").await;
    assert!(whole.contains("content-type: text/plain; charset=utf-8\r\n"), "{whole}");
    assert!(whole.contains("content-length: 10\r\n") && whole.ends_with("0123456789"), "{whole}");
    let etag = whole.split("etag: ").nth(1).unwrap().split("\r\n").next().unwrap();
    let known = server.get("/file", &format!("If-None-Match: {etag}\r\n")).await;
    assert_eq!(status_of(&known), 304);
    let part = server.get("/file", "Range: bytes=2-3\r\n").await;
    assert!(
        part.contains("content-range: bytes 2-3/10\r\n") && part.ends_with("\r\n\r\n23"),
        "{part}"
    );
    assert_eq!(status_of(&server.get("/file", "Range: bytes=10-\r\n").await), 416);
}

#[tokio::test]
async fn a_name_of_the_client_does_not_lead_out_of_the_folder() {
    let server = Files::start().await;
    assert_eq!(status_of(&server.get("/below/a.txt", "").await), 200);
    assert_eq!(status_of(&server.get("/below/100%25.txt", "").await), 200);
    assert_eq!(status_of(&server.get("/below/..%2fa.txt", "").await), 403);
    assert_eq!(status_of(&server.get("/below/../../etc/passwd", "").await), 403);
    assert_eq!(status_of(&server.get("/below/%252e%252e%252fa.txt", "").await), 404);
    assert_eq!(status_of(&server.get("/below/.env", "").await), 404);
    assert_eq!(status_of(&server.get("/below/nope", "").await), 404);
}

#[tokio::test]
async fn pieces_and_events_are_sent_as_they_come() {
    let server = Files::start().await;
    let pieces = server.get("/pieces", "").await;
    assert!(pieces.contains("transfer-encoding: chunked\r\n"), "{pieces}");
    assert!(pieces.ends_with("3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"), "{pieces}");
    let events = server.get("/events", "").await;
    assert!(events.contains("content-type: text/event-stream\r\n"), "{events}");
    assert!(
        events.contains("event: tick\ndata: 1\n\n") && events.contains("data: 2\n\n"),
        "{events}"
    );
    let broken = server.get("/broken", "").await;
    assert!(
        !broken.contains("0\r\n\r\n"),
        "an answer that broke off does not look whole: {broken}"
    );
}
