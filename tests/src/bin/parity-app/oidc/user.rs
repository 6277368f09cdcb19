use ioserver_oidc::OidcUserContext;
use serde_json::{Map, Value, json};

/// What the original leaves on a request or a socket.
pub(super) fn members(user: Option<&OidcUserContext>) -> Map<String, Value> {
    let mut members = Map::new();
    if let Some(user) = user {
        members.insert("sub".into(), json!(user.sub));
        members.insert("userId".into(), json!(user.user_id));
        members.insert("userRole".into(), json!(user.user_role));
        members.insert("roles".into(), json!(user.roles));
        members.insert("permissions".into(), json!(user.permissions));
        members.insert("features".into(), json!(user.features));
    }
    members.insert("org_id".into(), json!(user.and_then(|user| user.org_id.as_ref())));
    members
}
