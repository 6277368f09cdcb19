//! Requests and sockets, each as a client sends it.

use app::Settings;
use ioserver::{
    LogLevel, Result,
    testing::{Inject, TestServer},
};
use serde_json::json;

async fn start() -> Result<TestServer> {
    let settings = Settings {
        log_level: LogLevel::Error,
        ..Settings::default()
    };
    TestServer::start(app::server(settings)?).await
}

#[tokio::test]
async fn the_app_says_that_it_is_well() -> Result<()> {
    let server = start().await?;
    let answer = server.inject(Inject::get("/health")).await;
    assert_eq!(
        (answer.status(), answer.text()),
        (200, r#"{"status":"OK"}"#)
    );
    server.stop().await
}

#[tokio::test]
async fn a_note_is_kept() -> Result<()> {
    let server = start().await?;
    let post = Inject::post("/notes").json(json!({ "author": "alice", "text": "buy tea" }));
    let answer = server.inject(post).await;
    let note = json!({ "id": 1, "author": "alice", "text": "buy tea" });
    assert_eq!((answer.status(), answer.json()), (201, note.clone()));

    let answer = server.inject(Inject::get("/notes")).await;
    assert_eq!((answer.status(), answer.json()), (200, json!([note])));
    server.stop().await
}

#[tokio::test]
async fn a_note_that_breaks_the_schema_is_refused() -> Result<()> {
    let server = start().await?;
    for body in [
        json!({}),
        json!({ "author": "alice" }),
        json!({ "author": "", "text": "" }),
    ] {
        let answer = server.inject(Inject::post("/notes").json(&body)).await;
        assert_eq!(answer.status(), 400, "{body}");
    }
    server.stop().await
}

#[tokio::test]
async fn everyone_who_is_connected_hears_of_a_new_note() -> Result<()> {
    let server = start().await?;
    let mut alice = server.connect("/notes").await?;
    let post = Inject::post("/notes").json(json!({ "author": "bob", "text": "hi" }));
    server.inject(post).await;
    let (event, notes) = alice.next().await?;
    assert_eq!(event, "added");
    assert_eq!(notes, [json!({ "id": 1, "author": "bob", "text": "hi" })]);
    assert_eq!(alice.ask("list", &()).await?, json!(notes));
    server.stop().await
}
