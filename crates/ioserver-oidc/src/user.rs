//! The user behind a token.

use std::{fmt, ops::Deref, sync::Arc};

use serde::{Serialize, Serializer, ser::SerializeStruct};
use serde_json::{Map, Value};

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
    claims: Arc<Map<String, Value>>,
}

impl OidcUserContext {
    /// Maps verified claims as the original does. Values of other types than the documented ones
    /// are kept where the original keeps them, in types that compare with nothing by accident.
    pub(crate) fn from_claims(claims: Map<String, Value>) -> Self {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        let sub = text("sub").unwrap_or_default();
        let roles = ClaimList::from_claim(claims.get("roles"));
        Self {
            user_id: sub.clone(),
            sub,
            email: text("email"),
            name: text("name"),
            user_role: UserRole::first_of(&roles),
            roles,
            permissions: ClaimList::from_claim(claims.get("permissions")),
            features: OidcFeatures::from_claim(claims.get("features")),
            org_id: claims.get("org_id").cloned().map(Claim),
            claims: Arc::new(claims),
        }
    }

    /// A claim of the verified token by its name, such as `scope`, `azp` or one of your own.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
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

/// A claim that ought to be text. The original passes on whatever the token has there; so does
/// this, but only text compares equal to text.
#[derive(Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Claim(Value);

impl Claim {
    /// The text; `None` if the token has something else there.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.0.as_str()
    }

    /// Whatever it is.
    #[must_use]
    pub fn as_value(&self) -> &Value {
        &self.0
    }
}

impl<T: Into<Value>> From<T> for Claim {
    fn from(value: T) -> Self {
        Self(value.into())
    }
}

impl PartialEq<str> for Claim {
    fn eq(&self, text: &str) -> bool {
        self.as_str() == Some(text)
    }
}

impl PartialEq<&str> for Claim {
    fn eq(&self, text: &&str) -> bool {
        *self == **text
    }
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim").finish_non_exhaustive()
    }
}

/// A role. `user` by default.
#[derive(Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct UserRole(Claim);

impl UserRole {
    /// As `roles[0] ?? "user"` in the original.
    fn first_of(roles: &ClaimList) -> Self {
        match roles.values().first() {
            None | Some(Value::Null) => Self::default(),
            Some(first) => Self(Claim(first.clone())),
        }
    }

    /// Its name; `None` if the token's first role is no text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.0.as_str()
    }
}

impl Default for UserRole {
    fn default() -> Self {
        "user".into()
    }
}

impl<T: Into<Value>> From<T> for UserRole {
    fn from(role: T) -> Self {
        Self(Claim(role.into()))
    }
}

impl PartialEq<str> for UserRole {
    fn eq(&self, name: &str) -> bool {
        self.0 == *name
    }
}

impl PartialEq<&str> for UserRole {
    fn eq(&self, name: &&str) -> bool {
        self.0 == **name
    }
}

impl fmt::Debug for UserRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserRole").finish_non_exhaustive()
    }
}

/// A claim that is a list of names. The original checks no item; neither does this, but only text
/// is ever [`contain`](Self::contains)ed.
///
/// By default there is no list at all, which is not the same as an empty one to
/// [`OidcSocketAdminMiddleware`](struct@crate::OidcSocketAdminMiddleware).
#[derive(Clone, Default, PartialEq)]
pub struct ClaimList(Option<Arc<[Value]>>);

impl ClaimList {
    fn from_claim(claim: Option<&Value>) -> Self {
        Self(Some(claim.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default().into()))
    }

    /// Whether one of the names is this one.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.names().any(|known| known == name)
    }

    /// The names, in their order; what is no text is left out.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values().iter().filter_map(Value::as_str)
    }

    /// The items as they are.
    #[must_use]
    pub fn values(&self) -> &[Value] {
        self.0.as_deref().unwrap_or_default()
    }

    /// Whether a list was given, even an empty one.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.0.is_some()
    }
}

impl<T: Into<Value>> FromIterator<T> for ClaimList {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(Some(items.into_iter().map(Into::into).collect()))
    }
}

/// Without a list it is `null`.
impl Serialize for ClaimList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.as_deref().serialize(serializer)
    }
}

impl fmt::Debug for ClaimList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClaimList").field("len", &self.values().len()).finish_non_exhaustive()
    }
}

/// The `features` claim: any JSON by name. A list there, which the original passes on, is nothing.
#[derive(Clone, Default, PartialEq)]
pub struct OidcFeatures(Arc<Map<String, Value>>);

impl OidcFeatures {
    fn from_claim(claim: Option<&Value>) -> Self {
        Self(Arc::new(claim.and_then(Value::as_object).cloned().unwrap_or_default()))
    }
}

impl Deref for OidcFeatures {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl From<Map<String, Value>> for OidcFeatures {
    fn from(features: Map<String, Value>) -> Self {
        Self(Arc::new(features))
    }
}

impl Serialize for OidcFeatures {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Map::serialize(self, serializer)
    }
}

impl fmt::Debug for OidcFeatures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OidcFeatures").field("len", &self.len()).finish_non_exhaustive()
    }
}
