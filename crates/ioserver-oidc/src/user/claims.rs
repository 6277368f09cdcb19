//! Claims that handlers see, in types that compare with nothing by accident.

use std::{
    fmt,
    ops::Deref,
    sync::{Arc, LazyLock},
};

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

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
#[derive(Clone, Default, PartialEq)]
pub struct UserRole(Option<Claim>); // never the default by name: most users have it, at no cost

const USER: &str = "user";

impl UserRole {
    /// As `roles[0] ?? "user"` in the original.
    pub(super) fn first_of(roles: &ClaimList) -> Self {
        match roles.values().first() {
            None | Some(Value::Null) => Self::default(),
            Some(first) => first.clone().into(),
        }
    }

    /// Its name; `None` if the token's first role is no text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.0 {
            None => Some(USER),
            Some(role) => role.as_str(),
        }
    }
}

impl<T: Into<Value>> From<T> for UserRole {
    fn from(role: T) -> Self {
        Self(Some(Claim(role.into())).filter(|role| *role != *USER))
    }
}

impl PartialEq<str> for UserRole {
    fn eq(&self, name: &str) -> bool {
        self.as_str() == Some(name)
    }
}

impl PartialEq<&str> for UserRole {
    fn eq(&self, name: &&str) -> bool {
        *self == **name
    }
}

impl Serialize for UserRole {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            None => serializer.serialize_str(USER),
            Some(role) => role.serialize(serializer),
        }
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
    pub(super) fn from_claim(claim: Option<Value>) -> Self {
        Self(Some(match claim {
            Some(Value::Array(items)) => items.into(),
            _ => Arc::default(),
        }))
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
pub struct OidcFeatures(Option<Arc<Map<String, Value>>>); // never an empty map

impl OidcFeatures {
    pub(super) fn from_claim(claim: Option<Value>) -> Self {
        match claim {
            Some(Value::Object(features)) => features.into(),
            _ => Self::default(),
        }
    }
}

impl Deref for OidcFeatures {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Self::Target {
        static NONE: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
        self.0.as_deref().unwrap_or_else(|| &NONE)
    }
}

impl From<Map<String, Value>> for OidcFeatures {
    fn from(features: Map<String, Value>) -> Self {
        Self(Some(features).filter(|features| !features.is_empty()).map(Arc::new))
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
