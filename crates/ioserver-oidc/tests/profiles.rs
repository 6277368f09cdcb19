//! Which tokens of the issuer are access tokens, and how their claims become a user.

mod support;

use ioserver_oidc::{
    OidcConfig, Profile,
    TokenFault::{self, *},
};
use serde_json::{Value, json};
use support::{AUDIENCE, Issuer, Pair, SLUG, fault, now, user, with};

struct Lab {
    issuer: Issuer,
    config: OidcConfig,
    key: Pair,
}

impl Lab {
    async fn new(profile: Profile) -> Self {
        let key = Pair::ed25519("key");
        let issuer = Issuer::start(&[key.jwk()]).await;
        let mut config = issuer.config();
        config.profile = profile;
        Self { issuer, config, key }
    }

    async fn judge(&self, header: Value, members: Value) -> Option<TokenFault> {
        let claims = with(self.issuer.claims(), members);
        fault(&self.key.token_with(header, &claims), &self.config).await
    }

    /// An ID token of the provider: for the client, without `azp` and `scope`.
    fn id_token(&self) -> String {
        let members = json!({ "aud": SLUG, "azp": "-", "scope": "-", "auth_time": now() });
        self.key.token(&with(self.issuer.claims(), members))
    }
}

#[tokio::test]
async fn an_id_token_passes_only_while_the_audience_is_unset() {
    let mut lab = Lab::new(Profile::Compatible).await;
    assert_eq!(fault(&lab.id_token(), &lab.config).await, Some(TokenFault::Audience));
    lab.config.audience = None;
    assert_eq!(fault(&lab.id_token(), &lab.config).await, None, "the original's default");
}

#[tokio::test]
async fn the_compatible_profile_looks_at_clients_only_if_they_are_named() {
    let mut lab = Lab::new(Profile::Compatible).await;
    for claims in [json!({ "azp": "other" }), json!({ "azp": "-" }), json!({ "azp": 5 })] {
        assert_eq!(lab.judge(json!({}), claims.clone()).await, None, "{claims}");
    }
    lab.config.clients = vec!["web".into(), "mobile".into()];
    for (claims, why) in [
        (json!({ "azp": "mobile" }), None),
        (json!({ "azp": "-", "client_id": "web" }), None),
        (json!({ "azp": "web", "client_id": "mobile" }), None),
        (json!({ "azp": "other" }), Some(Client)),
        (json!({ "azp": "web", "client_id": "other" }), Some(Client)),
        (json!({ "azp": "web", "client_id": 5 }), Some(Client)),
        (json!({ "azp": ["web"] }), Some(Client)),
        (json!({ "azp": "-" }), Some(Client)),
    ] {
        assert_eq!(lab.judge(json!({}), claims.clone()).await, why, "{claims}");
    }
}

#[tokio::test]
async fn the_strict_profile_takes_access_tokens_of_its_own_client() {
    let lab = Lab::new(Profile::Strict).await;
    for (header, claims) in [
        (json!({}), json!({})), // BetterAuth 1.5: no `typ`
        (json!({ "typ": "at+jwt" }), json!({ "client_id": SLUG })), // 1.7
        (json!({ "typ": "application/AT+JWT" }), json!({ "scope": "-" })),
        (json!({ "typ": "JWT" }), json!({})),
        (json!({ "typ": "at+jwt" }), json!({ "azp": "-", "client_id": SLUG, "scope": "-" })),
    ] {
        assert_eq!(lab.judge(header.clone(), claims.clone()).await, None, "{header} {claims}");
    }
}

#[tokio::test]
async fn the_strict_profile_refuses_everything_else() {
    let lab = Lab::new(Profile::Strict).await;
    for (header, claims, why) in [
        (json!({ "typ": "whatever" }), json!({}), Type),
        (json!({ "typ": "" }), json!({}), Type),
        (json!({ "typ": "logout+jwt" }), json!({}), Type),
        (json!({ "typ": 5 }), json!({}), Header),
        (json!({}), json!({ "azp": "other" }), Client),
        (json!({ "typ": "at+jwt" }), json!({ "azp": "-" }), Client),
        (json!({}), json!({ "scope": "-" }), NoAccessToken),
        (json!({}), json!({ "azp": "-", "client_id": SLUG }), NoAccessToken),
        (json!({ "typ": "JWT" }), json!({ "scope": "-" }), NoAccessToken),
        (json!({ "typ": "at+jwt" }), json!({ "events": {} }), NoAccessToken),
        (json!({}), json!({ "iat": "-" }), IssuedAt),
        (json!({}), json!({ "iat": now() + 3600 }), IssuedAt),
        (json!({}), json!({ "aud": SLUG }), TokenFault::Audience),
        (json!({}), json!({ "sub": "-" }), Subject),
    ] {
        let judged = lab.judge(header.clone(), claims.clone()).await;
        assert_eq!(judged, Some(why), "{header} {claims}");
    }
    assert_eq!(fault(&lab.id_token(), &lab.config).await, Some(TokenFault::Audience));
}

#[tokio::test]
async fn an_id_token_for_the_audience_is_still_no_access_token() {
    let lab = Lab::new(Profile::Strict).await;
    let claims = with(lab.issuer.claims(), json!({ "scope": "-", "azp": SLUG }));
    assert_eq!(fault(&lab.key.token(&claims), &lab.config).await, Some(NoAccessToken));
}

#[tokio::test]
async fn claims_become_the_users_of_the_original() {
    let lab = Lab::new(Profile::Compatible).await;
    let empty = json!({
        "userId": "user-1", "sub": "user-1", "userRole": "user", "roles": [], "permissions": [],
        "features": {}
    });
    for (claims, difference) in [
        (json!({}), json!({})),
        (
            json!({
                "email": "f@example.com", "name": "Zoë", "roles": ["editor", "admin"],
                "permissions": ["a.b"], "features": { "max": 3, "nested": { "x": [1, null] } },
                "org_id": "org-9"
            }),
            json!({
                "email": "f@example.com", "name": "Zoë", "userRole": "editor",
                "roles": ["editor", "admin"], "permissions": ["a.b"],
                "features": { "max": 3, "nested": { "x": [1, null] } }, "org_id": "org-9"
            }),
        ),
        (json!({ "roles": "admin", "permissions": "a b" }), json!({})),
        (json!({ "roles": { "0": "admin" }, "permissions": null }), json!({})),
        (json!({ "roles": [null, "x"] }), json!({ "roles": [null, "x"] })),
        (json!({ "roles": [7] }), json!({ "roles": [7], "userRole": 7 })),
        (
            json!({ "roles": [1, null, { "a": 1 }] }),
            json!({
                "roles": [1, null, { "a": 1 }], "userRole": 1
            }),
        ),
        (json!({ "permissions": ["a", 1, null] }), json!({ "permissions": ["a", 1, null] })),
        (json!({ "features": [1, 2] }), json!({})),
        (json!({ "features": null }), json!({})),
        (json!({ "org_id": "" }), json!({ "org_id": "" })),
        (json!({ "org_id": 5 }), json!({ "org_id": 5 })),
        (json!({ "sub": "é-✓" }), json!({ "sub": "é-✓", "userId": "é-✓" })),
    ] {
        let token = lab.key.token(&with(lab.issuer.claims(), claims.clone()));
        let user = serde_json::to_value(user(&token, &lab.config).await).unwrap();
        assert_eq!(user, with(empty.clone(), difference), "{claims}");
    }
}

#[tokio::test]
async fn only_text_is_a_name_whatever_the_token_says() {
    let lab = Lab::new(Profile::Compatible).await;
    let odd = json!({ "roles": [["admin"], { "admin": true }, "x"], "org_id": ["org"], "name": 5 });
    let user = user(&lab.key.token(&with(lab.issuer.claims(), odd)), &lab.config).await;
    assert!(user.roles.contains("x") && !user.roles.contains("admin"));
    assert_eq!(user.roles.names().collect::<Vec<_>>(), ["x"]);
    assert_eq!(user.user_role.as_str(), None);
    assert_eq!(user.org_id.as_ref().and_then(|org| org.as_str()), None);
    assert_eq!(user.name, None);
    assert_eq!(user.claim("name"), Some(&json!(5)), "the claim itself is there");
    assert_eq!(user.claim("azp"), Some(&json!(SLUG)));
    assert_eq!(user.claim("aud"), Some(&json!(AUDIENCE)));
}

#[tokio::test]
async fn nothing_of_a_user_is_printed() {
    let lab = Lab::new(Profile::Compatible).await;
    let secret = json!({
        "sub": "hunter2", "email": "hunter2", "name": "hunter2", "roles": ["hunter2"],
        "permissions": ["hunter2"], "features": { "hunter2": "hunter2" }, "org_id": "hunter2"
    });
    let user = user(&lab.key.token(&with(lab.issuer.claims(), secret)), &lab.config).await;
    let printed = format!(
        "{user:?} {:?} {:?} {:?} {:?}",
        user.roles, user.user_role, user.features, user.org_id
    );
    assert!(!printed.contains("hunter2"), "{printed}");
}
