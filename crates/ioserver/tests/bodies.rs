//! Bodies of requests, by their media type.
#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

mod support;

use bytes::Bytes;
use ioserver::{
    BodyStream, IOServerOptions, Json, Request, Result, controller,
    extract::{Form, Multipart},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use support::{Server, status_of};

struct Bodies;

#[derive(Deserialize, Serialize)]
struct Person {
    name: String,
    age: u8,
}

#[controller]
impl Bodies {
    pub async fn value(&self, request: &mut Request) -> Result<Json<Value>> {
        Ok(Json(json!({ "body": request.body().await?.cloned() })))
    }

    pub async fn person(&self, Form(person): Form<Person>) -> Json<Person> {
        Json(person)
    }

    pub async fn bytes(&self, body: Bytes) -> String {
        format!("{} bytes", body.len())
    }

    pub async fn stream(&self, mut body: BodyStream) -> Result<String> {
        let mut length = 0;
        while let Some(piece) = body.next().await? {
            length += piece.len();
        }
        Ok(format!("{length} bytes"))
    }

    pub async fn upload(&self, mut parts: Multipart) -> Result<Json<Vec<Value>>> {
        let mut seen = Vec::new();
        while let Some(part) = parts.next().await? {
            let (name, file) =
                (part.name().map(str::to_owned), part.file_name().map(str::to_owned));
            let kind = part.content_type().map(str::to_owned);
            seen.push(json!([name, file, kind, part.text().await?]));
        }
        Ok(Json(seen))
    }

    pub async fn unread(&self) -> &'static str {
        "not read"
    }
}

const ROUTES: &str = r#"[
    { "method": "POST", "url": "/plain", "handler": "value" },
    { "method": "POST", "url": "/form", "handler": "value", "accepts": ["application/x-www-form-urlencoded"] },
    { "method": "POST", "url": "/person", "handler": "person", "accepts": ["application/x-www-form-urlencoded"] },
    { "method": "POST", "url": "/bytes", "handler": "bytes", "accepts": ["image/*", "application/json"] },
    { "method": "POST", "url": "/stream", "handler": "stream", "accepts": ["*/*"], "bodyLimit": 100 },
    { "method": "POST", "url": "/upload", "handler": "upload", "accepts": ["multipart/form-data"], "bodyLimit": 1000 },
    { "method": "POST", "url": "/large", "handler": "upload", "accepts": ["multipart/form-data"] },
    { "method": "POST", "url": "/unread", "handler": "unread", "accepts": ["*/*"] },
    { "method": "POST", "url": "/late", "handler": "bytes" }
]"#;

async fn server() -> Server {
    Server::with(IOServerOptions::default(), ROUTES, Bodies).await
}

async fn post(server: &Server, path: &str, kind: &str, body: &str) -> (u16, String) {
    let length = body.len();
    let kind = if kind.is_empty() { String::new() } else { format!("Content-Type: {kind}\r\n") };
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{kind}Content-Length: {length}\r\n\r\n{body}"
    );
    let answer = server.exchange(&request).await;
    (status_of(&answer), answer.split_once("\r\n\r\n").unwrap().1.to_owned())
}

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn forms_are_read_as_query_strings_are_where_a_route_accepts_them() {
    let server = server().await;
    assert_eq!(post(&server, "/plain", FORM, "a=1").await.0, 415);
    let (status, body) = post(&server, "/form", FORM, "a=1&a=2&b=x+y%21").await;
    assert_eq!((status, body.as_str()), (200, r#"{"body":{"a":["1","2"],"b":"x y!"}}"#));
    let (status, body) = post(&server, "/person", FORM, "name=Ada&age=36").await;
    assert_eq!((status, body.as_str()), (200, r#"{"name":"Ada","age":36}"#));
    let (status, body) = post(&server, "/person", FORM, "name=Ada&age=old").await;
    assert_eq!(status, 400);
    assert!(body.contains("body: `old` is no u8"), "{body}");
    assert_eq!(post(&server, "/form", "application/json", r#"{"a":1}"#).await.0, 200);
}

#[tokio::test]
async fn a_server_accepts_for_all_its_routes() {
    let options = IOServerOptions { accepts: vec![FORM.into()], ..Default::default() };
    let server = Server::with(options, ROUTES, Bodies).await;
    assert_eq!(post(&server, "/plain", FORM, "a=1").await.1, r#"{"body":{"a":"1"}}"#);
}

#[tokio::test]
async fn raw_bodies_reach_the_handler_as_they_are() {
    let server = server().await;
    assert_eq!(post(&server, "/bytes", "image/png", "abc").await, (200, "3 bytes".into()));
    assert_eq!(post(&server, "/bytes", "application/json", "{no").await, (200, "3 bytes".into()));
    assert_eq!(post(&server, "/bytes", "video/mp4", "abc").await.0, 415);
    assert_eq!(post(&server, "/bytes", "image/png", "").await, (200, "0 bytes".into()));
    assert_eq!(post(&server, "/stream", "a/b", &"x".repeat(100)).await, (200, "100 bytes".into()));
    assert_eq!(post(&server, "/stream", "a/b", &"x".repeat(101)).await.0, 413);
    assert_eq!(post(&server, "/stream", "", "x").await, (200, "1 bytes".into()));
    assert_eq!(post(&server, "/unread", "a/b", &"x".repeat(1 << 20)).await.1, "not read");
    let (status, body) = post(&server, "/late", "text/plain", "abc").await;
    assert_eq!(status, 500);
    assert!(body.contains("name its media type in `accepts`"), "{body}");
}

#[tokio::test]
async fn a_streamed_body_ends_at_the_limit_even_if_it_does_not_say_how_long_it_is() {
    let server = server().await;
    let piece = format!("32\r\n{}\r\n", "x".repeat(50));
    let chunked = |count| {
        let head = "POST /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: a/b\r\nTransfer-Encoding: chunked\r\n\r\n";
        format!("{head}{}0\r\n\r\n", piece.repeat(count))
    };
    assert_eq!(server.status(&chunked(2)).await, 200);
    assert_eq!(server.status(&chunked(3)).await, 413);
}

const MULTIPART: &str = "multipart/form-data; boundary=B";

fn part(head: &str, content: &str) -> String {
    format!("--B\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n")
}

#[tokio::test]
async fn parts_of_a_multipart_body_are_read_one_by_one() {
    let server = server().await;
    let file = "name=\"f\"; filename=\"a.txt\"\r\nContent-Type: text/csv";
    let body = format!("{}{}--B--\r\n", part("name=\"a\"", "1"), part(file, "x,y"));
    let (status, answer) = post(&server, "/upload", MULTIPART, &body).await;
    assert_eq!(status, 200);
    assert_eq!(answer, r#"[["a",null,null,"1"],["f","a.txt","text/csv","x,y"]]"#);
}

#[tokio::test]
async fn a_multipart_body_that_is_none_or_too_large_is_refused() {
    let server = server().await;
    let large = format!("{}--B--\r\n", part("name=\"a\"", &"x".repeat(2_000)));
    assert_eq!(post(&server, "/upload", MULTIPART, &large).await.0, 413);
    assert_eq!(
        post(&server, "/upload", MULTIPART, &part("name=\"a\"", "1")).await.0,
        400,
        "no end"
    );
    assert_eq!(post(&server, "/upload", "multipart/form-data", "x").await.0, 406, "no boundary");
    assert_eq!(post(&server, "/upload", "text/plain", "x").await.0, 406);
    assert_eq!(post(&server, "/plain", MULTIPART, "--B--").await.0, 415);
}

#[tokio::test]
async fn the_head_of_a_part_has_a_bound_and_its_content_has_the_bodys() {
    let server = server().await;
    let long = "x".repeat(100_000);
    let fine = format!("{}--B--\r\n", part("name=\"a\"", &long));
    assert_eq!(post(&server, "/large", MULTIPART, &fine).await.0, 200);
    let head = format!("{}--B--\r\n", part(&format!("name=\"{long}\""), "1"));
    for body in [&head, &long, &format!("{long}{fine}")] {
        let (status, answer) = post(&server, "/large", MULTIPART, body).await;
        assert_eq!(status, 400, "{answer}");
        assert!(answer.contains("the head of a part is too long"), "{answer}");
    }
}
