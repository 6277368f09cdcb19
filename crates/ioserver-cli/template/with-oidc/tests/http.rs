//! Requests, each as a client sends it.

mod support;

use app::managers::UsersManager;
use ioserver::{Result, testing::Inject};
use serde_json::json;

#[tokio::test]
async fn anyone_may_ask_whether_the_app_is_well() -> Result<()> {
    let (server, _auth) = support::start().await?;
    let answer = server.inject(Inject::get("/health")).await;
    assert_eq!(
        (answer.status(), answer.text()),
        (200, r#"{"status":"OK"}"#)
    );
    server.stop().await
}

#[tokio::test]
async fn notes_are_for_those_with_a_valid_token() -> Result<()> {
    let (server, auth) = support::start().await?;
    for request in [Inject::get("/notes"), Inject::post("/notes")] {
        let answer = server.inject(request.clone()).await;
        assert_eq!(answer.status(), 401);
        assert_eq!(answer.json()["code"], "ERR_AUTH_TOKEN_REQUIRED");

        let expired = auth.mint("alice").expired().token();
        let answer = server.inject(request.bearer(&expired)).await;
        assert_eq!(answer.status(), 401);
        assert_eq!(answer.json()["code"], "ERR_AUTH_TOKEN_INVALID");
    }
    server.stop().await
}

#[tokio::test]
async fn a_note_is_kept_under_the_name_of_its_author() -> Result<()> {
    let (server, auth) = support::start().await?;
    let token = auth.mint("alice").token();
    let post = Inject::post("/notes").bearer(&token);
    let answer = server.inject(post.json(json!({ "text": "buy tea" }))).await;
    let note = json!({ "id": 1, "author": "alice", "text": "buy tea" });
    assert_eq!((answer.status(), answer.json()), (201, note.clone()));

    let answer = server.inject(Inject::get("/notes").bearer(&token)).await;
    assert_eq!((answer.status(), answer.json()), (200, json!([note])));
    server.stop().await
}

#[tokio::test]
async fn a_note_that_breaks_the_schema_is_refused() -> Result<()> {
    let (server, auth) = support::start().await?;
    let post = Inject::post("/notes").bearer(&auth.mint("alice").token());
    for body in [
        json!({}),
        json!({ "text": "" }),
        json!({ "text": "a".repeat(1001) }),
    ] {
        let answer = server.inject(post.clone().json(&body)).await;
        assert_eq!(answer.status(), 400, "{body}");
    }
    server.stop().await
}

#[tokio::test]
async fn a_disabled_account_is_out_at_once() -> Result<()> {
    let (server, auth) = support::start().await?;
    let get = Inject::get("/notes").bearer(&auth.mint("mallory").token());
    assert_eq!(server.inject(get.clone()).await.status(), 200);

    let users = server.app().manager::<UsersManager>("users")?;
    users.disable("mallory");
    let answer = server.inject(get).await;
    assert_eq!(answer.status(), 403);
    assert_eq!(answer.json()["code"], "ERR_ACCOUNT_DISABLED");
    server.stop().await
}
