//! Sockets, each as a client connects it.

mod support;

use ioserver::{Result, testing::Inject};
use serde_json::json;

#[tokio::test]
async fn a_socket_without_a_token_is_refused() -> Result<()> {
    let (server, _auth) = support::start().await?;
    for namespace in ["/notes", "/admin"] {
        let refused = server.connect(namespace).await.unwrap_err();
        assert_eq!(refused.to_string(), "ERR_AUTH_TOKEN_REQUIRED");
    }
    server.stop().await
}

#[tokio::test]
async fn everyone_who_is_connected_hears_of_a_new_note() -> Result<()> {
    let (server, auth) = support::start().await?;
    let token = auth.mint("alice").token();
    let mut alice = server
        .connect_with("/notes", &json!({ "token": token }))
        .await?;

    let bob = Inject::post("/notes").bearer(&auth.mint("bob").token());
    server.inject(bob.json(json!({ "text": "from bob" }))).await;
    let (event, notes) = alice.next().await?;
    assert_eq!(event, "added");
    assert_eq!(
        notes,
        [json!({ "id": 1, "author": "bob", "text": "from bob" })]
    );

    let ack = alice.ask("add", "from alice").await?;
    assert_eq!(
        ack,
        json!({ "id": 2, "author": "alice", "text": "from alice" })
    );
    let ack = alice.ask("add", "").await?;
    assert_eq!(
        (&ack["status"], &ack["statusCode"]),
        (&json!("error"), &json!(400))
    );
    server.stop().await
}

#[tokio::test]
async fn an_admin_signs_a_user_out() -> Result<()> {
    let (server, auth) = support::start().await?;
    let user = json!({ "token": auth.mint("alice").token() });
    let refused = server.connect_with("/admin", &user).await.unwrap_err();
    assert_eq!(refused.to_string(), "ERR_FORBIDDEN");

    let alice = server.connect_with("/notes", &user).await?;
    let root = auth.mint("root").claim("roles", json!(["admin"])).token();
    let mut root = server
        .connect_with("/admin", &json!({ "token": root }))
        .await?;
    assert_eq!(root.ask("online", &()).await?, json!(["alice", "root"]));
    assert_eq!(root.ask("sign_out", "alice").await?, 1);
    alice.closed().await?;
    assert_eq!(root.ask("online", &()).await?, json!(["root"]));
    server.stop().await
}
