//! Bearer tokens on sockets, against a running server and through Engine.IO.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod app;
mod support;

use std::sync::Arc;

use app::{App, Log, Parts, Users};
use serde_json::{Value, json};
use support::{Issuer, Pair, with};

struct Lab {
    issuer: Issuer,
    key: Pair,
    app: App,
    sessions: Arc<Log>,
}

impl Lab {
    async fn new() -> Self {
        let key = Pair::ed25519("key");
        let issuer = Issuer::start(&[key.jwk()]).await;
        let sessions = Arc::<Log>::default();
        let app = App::start(Parts {
            config: Some(issuer.config()),
            users: Some(Users::default()),
            sessions: Some(Arc::clone(&sessions)),
            ..Parts::default()
        })
        .await
        .unwrap();
        Self { issuer, key, app, sessions }
    }

    fn token(&self, members: Value) -> String {
        self.key.token(&with(self.issuer.claims(), members))
    }

    /// The message of the `connect_error`; none if the client got in.
    async fn refusal(&self, namespace: &str, auth: Value) -> Option<String> {
        self.app.connect(namespace, auth).await.err()
    }
}

#[tokio::test]
async fn a_valid_token_gets_in_and_leaves_its_user() {
    let lab = Lab::new().await;
    let token = lab.token(json!({ "roles": ["editor"], "org_id": "org-1" }));
    let client = lab.app.connect("/chat", json!({ "token": token })).await.unwrap();
    let expected = json!({
        "userId": "id-user-1", "sub": "user-1", "userRole": "local", "roles": ["editor"],
        "permissions": [], "features": {}, "org_id": "org-1"
    });
    assert_eq!(client.ask("whoami").await, expected);
    lab.app.stop().await;
}

#[tokio::test]
async fn others_hear_a_code() {
    let lab = Lab::new().await;
    let good = lab.token(json!({}));
    for (auth, code) in [
        (json!({}), "ERR_AUTH_TOKEN_REQUIRED"),
        (json!({ "token": null }), "ERR_AUTH_TOKEN_REQUIRED"),
        (json!({ "token": 0 }), "ERR_AUTH_TOKEN_REQUIRED"),
        (json!({ "token": 5 }), "ERR_AUTH_TOKEN_INVALID"),
        (json!({ "token": { "a": 1 } }), "ERR_AUTH_TOKEN_INVALID"),
        (json!({ "token": [good] }), "ERR_AUTH_TOKEN_INVALID"),
        (json!({ "token": "garbage" }), "ERR_AUTH_TOKEN_INVALID"),
        (json!({ "token": format!("Bearer {good}") }), "ERR_AUTH_TOKEN_INVALID"),
        (json!({ "token": format!("{good}\n ") }), "ERR_AUTH_TOKEN_INVALID"),
        (json!({ "token": lab.token(json!({ "exp": 1 })) }), "ERR_AUTH_TOKEN_INVALID"),
        (json!({ "token": lab.token(json!({ "sub": "disabled" })) }), "ERR_ACCOUNT_DISABLED"),
        (json!({ "token": lab.token(json!({ "sub": "throws" })) }), "ERR_USER_PROVISION_FAILED"),
        (json!({ "token": lab.token(json!({ "sub": "nobody" })) }), "ERR_USER_PROVISION_FAILED"),
    ] {
        assert_eq!(lab.refusal("/chat", auth.clone()).await.as_deref(), Some(code), "{auth}");
    }
    assert!(lab.sessions.lines().is_empty(), "{:?}", lab.sessions.lines());
    lab.app.stop().await;
}

#[tokio::test]
async fn the_header_counts_only_where_auth_has_no_token() {
    let lab = Lab::new().await;
    let good = lab.token(json!({}));
    let header = format!("Bearer {good}");
    let refusal = async |auth: Value, header: &str| {
        lab.app.connect_with("/chat", auth, Some(header)).await.err()
    };
    assert_eq!(refusal(json!({}), &header).await, None);
    assert_eq!(refusal(json!({ "token": "" }), &header).await, None);
    assert_eq!(refusal(json!({ "token": good }), "Bearer bad").await, None);
    let refused = refusal(json!({ "token": "bad" }), &header).await;
    assert_eq!(refused.as_deref(), Some("ERR_AUTH_TOKEN_INVALID"));
    let refused = refusal(json!({}), "Basic abc").await;
    assert_eq!(refused.as_deref(), Some("ERR_AUTH_TOKEN_REQUIRED"));
    lab.app.stop().await;
}

#[tokio::test]
async fn admins_are_those_whom_the_token_says_are() {
    let lab = Lab::new().await;
    let admin = lab.token(json!({ "roles": ["x", "admin"] }));
    assert_eq!(lab.refusal("/admin", json!({ "token": admin })).await, None);
    for roles in [json!([]), json!("admin"), json!(["ADMIN", "administrator"]), json!([["admin"]])]
    {
        let token = lab.token(json!({ "roles": roles }));
        let refused = lab.refusal("/admin", json!({ "token": token })).await;
        assert_eq!(refused.as_deref(), Some("ERR_FORBIDDEN"), "{roles}");
    }
    let refused = lab.refusal("/admin", json!({})).await;
    assert_eq!(refused.as_deref(), Some("ERR_AUTH_TOKEN_REQUIRED"));
    lab.app.stop().await;
}

#[tokio::test]
async fn another_middleware_may_leave_the_user_that_the_guard_looks_at() {
    let lab = Lab::new().await;
    for (auth, refused) in [
        (json!({ "role": "admin" }), None),
        (json!({ "role": "user", "roles": ["admin"] }), None),
        (json!({ "role": "user" }), Some("ERR_FORBIDDEN")),
        (json!({ "role": 1 }), Some("ERR_FORBIDDEN")),
        (json!({ "role": "admin", "roles": [] }), Some("ERR_FORBIDDEN")),
        (json!({}), Some("ERR_FORBIDDEN")),
    ] {
        assert_eq!(lab.refusal("/robots", auth.clone()).await.as_deref(), refused, "{auth}");
    }
    lab.app.stop().await;
}

#[tokio::test]
async fn a_session_is_registered_when_all_let_it_in_and_unregistered_when_it_goes() {
    let lab = Lab::new().await;
    let refused = lab.refusal("/admin", json!({ "token": lab.token(json!({})) })).await;
    assert_eq!(refused.as_deref(), Some("ERR_FORBIDDEN"));
    assert!(lab.sessions.lines().is_empty(), "{:?}", lab.sessions.lines());

    let token = lab.token(json!({ "sub": "named", "name": "From token" }));
    let client = lab.app.connect("/chat", json!({ "token": token })).await.unwrap();
    assert_eq!(lab.sessions.has(1).await, ["+ chat named From DB"]);
    client.leave().await;
    assert_eq!(lab.sessions.has(2).await, ["+ chat named From DB", "- chat"]);
    lab.app.stop().await;
}

#[tokio::test]
async fn a_client_that_comes_back_at_once_is_registered_after_it_was_unregistered() {
    let lab = Lab::new().await;
    let auth = json!({ "token": lab.token(json!({ "sub": "named" })) });
    let client = lab.app.connect("/chat", auth.clone()).await.unwrap();
    client.come_back(&auth).await;
    let entered = "+ chat named From DB";
    assert_eq!(lab.sessions.has(3).await, [entered, "- chat", entered]);
    lab.app.stop().await;
}

#[tokio::test]
async fn a_session_manager_that_fails_refuses_the_client_and_not_the_server() {
    let lab = Lab::new().await;
    let bomb = lab.token(json!({ "name": "Bomb" }));
    let refused = lab.refusal("/chat", json!({ "token": bomb })).await;
    assert_eq!(refused.as_deref(), Some("ERR_SESSION_FAILED"));
    assert!(lab.sessions.lines().is_empty());
    let good = lab.token(json!({}));
    assert_eq!(lab.refusal("/chat", json!({ "token": good })).await, None);
    lab.app.stop().await;
}

#[tokio::test]
async fn an_outage_is_no_bad_token() {
    let lab = Lab::new().await;
    lab.issuer.be_down(true);
    let token = lab.token(json!({}));
    let refused = lab.refusal("/chat", json!({ "token": token })).await;
    assert_eq!(refused.as_deref(), Some("ERR_AUTH_UNAVAILABLE"));
    lab.app.stop().await;
}
