//! The user behind a token.

mod claims;
mod kept;

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct};
use serde_json::Value;

use crate::json::Members;
use kept::KeptClaims;

pub use claims::{Claim, ClaimList, OidcFeatures, UserRole};

/// The identity behind a request or a socket.
///
/// Serialises as the original's object: `{userId, sub, email?, name?, userRole, roles,
/// permissions, features, org_id?}`. Cheap to clone. `Debug` shows nothing of it.
///
/// A middleware of your own may leave one on a socket (`handshake.socket().insert(user)`) or on a
/// request (`request.extensions_mut().insert(user)`); guards and handlers find it there.
///
/// # Examples
///
/// ```
/// use ioserver_oidc::OidcUserContext;
///
/// let mut user = OidcUserContext::default();
/// user.sub = "robot-1".into();
/// user.roles = ["admin"].into_iter().collect();
/// assert!(user.roles.contains("admin"));
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct OidcUserContext {
    /// The local user's id; the `sub` where no user directory gave one.
    #[doc(alias = "userId")]
    pub user_id: String,
    /// The `sub` claim.
    pub sub: String,
    /// The local user's address, else the `email` claim.
    pub email: Option<String>,
    /// The local user's name, else the `name` claim.
    pub name: Option<String>,
    /// The local user's role, else the first of `roles`, else `user`.
    #[doc(alias = "userRole")]
    pub user_role: UserRole,
    /// The `roles` claim; empty if the token has no list there.
    pub roles: ClaimList,
    /// The `permissions` claim; empty if the token has no list there.
    pub permissions: ClaimList,
    /// The `features` claim; empty if the token has no object there.
    pub features: OidcFeatures,
    /// The `org_id` claim, as it is.
    pub org_id: Option<Claim>,
    claims: KeptClaims,
}

impl OidcUserContext {
    /// Maps verified claims as the original does, and keeps the text that they were read from.
    /// Values of other types than the documented ones are kept where the original keeps them, in
    /// types that compare with nothing by accident.
    pub(crate) fn from_claims(mut claims: Members<'_>, text: &[u8]) -> Self {
        let sub = text_of(&mut claims, "sub").unwrap_or_default();
        let roles = ClaimList::from_claim(claims.take("roles"));
        Self {
            user_id: sub.clone(),
            sub,
            email: text_of(&mut claims, "email"),
            name: text_of(&mut claims, "name"),
            user_role: UserRole::first_of(&roles),
            roles,
            permissions: ClaimList::from_claim(claims.take("permissions")),
            features: OidcFeatures::from_claim(claims.take("features")),
            org_id: claims.take("org_id").map(Claim::from),
            claims: KeptClaims::new(text),
        }
    }

    /// A claim of the verified token by its name, such as `scope`, `azp` or one of your own.
    ///
    /// The token's JSON is read once more by the first call, and by no other as long as the token
    /// is remembered.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }
}

fn text_of(claims: &mut Members<'_>, name: &str) -> Option<String> {
    match claims.take(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

impl fmt::Debug for OidcUserContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OidcUserContext").finish_non_exhaustive()
    }
}

impl Serialize for OidcUserContext {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut user = serializer.serialize_struct("OidcUserContext", 9)?;
        user.serialize_field("userId", &self.user_id)?;
        user.serialize_field("sub", &self.sub)?;
        if let Some(email) = &self.email {
            user.serialize_field("email", email)?;
        }
        if let Some(name) = &self.name {
            user.serialize_field("name", name)?;
        }
        user.serialize_field("userRole", &self.user_role)?;
        user.serialize_field("roles", &self.roles)?;
        user.serialize_field("permissions", &self.permissions)?;
        user.serialize_field("features", &self.features)?;
        if let Some(org_id) = &self.org_id {
            user.serialize_field("org_id", org_id)?;
        }
        user.end()
    }
}
