use ioserver_oidc::OidcUserContext;
use serde_json::{Map, Value, json};

/// What the original leaves on a request or a socket, and null for what nobody left there.
pub(super) fn members(user: Option<&OidcUserContext>) -> Map<String, Value> {
    let Some(user) = user else {
        return MEMBERS.map(|name| (name.to_owned(), Value::Null)).into_iter().collect();
    };
    let is_verified = !user.sub.is_empty(); // `SetRole` leaves a user without any token
    let verified = |value: Value| if is_verified { value } else { Value::Null };
    let values = [
        verified(json!(user.sub)),
        verified(json!(user.user_id)),
        json!(user.user_role),
        json!(user.roles),
        json!(user.permissions),
        verified(json!(user.features)),
        json!(user.org_id),
    ];
    MEMBERS.map(str::to_owned).into_iter().zip(values).collect()
}

const MEMBERS: [&str; 7] =
    ["sub", "userId", "userRole", "roles", "permissions", "features", "org_id"];
