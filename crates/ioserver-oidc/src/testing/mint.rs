//! Tokens to order.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use super::{AuthService, SigningKey};

/// A token in the making: what is not said is as in a good access token of BetterAuth.
#[derive(Clone, Debug)]
#[must_use = "it becomes a token by `token()`"]
pub struct Mint {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    key: SigningKey,
}

const HOUR: i64 = 3600;

impl Mint {
    pub(super) fn new(issuer: &str, sub: String, key: SigningKey) -> Self {
        let now = now();
        let claims = [
            ("iss", issuer.into()),
            ("aud", AuthService::AUDIENCE.into()),
            ("sub", sub.into()),
            ("iat", now.into()),
            ("exp", (now + HOUR).into()),
            ("azp", AuthService::APP_SLUG.into()),
            ("client_id", AuthService::APP_SLUG.into()),
            ("scope", "openid".into()),
        ];
        let claims = claims.into_iter().map(|(name, value): (&str, Value)| (name.into(), value));
        let header = Map::from_iter([("typ".into(), "at+jwt".into())]);
        Self { header, claims: claims.collect(), key }
    }

    /// Says something more in the claims, or something else.
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.into(), value.into());
        self
    }

    /// Leaves a claim out.
    pub fn without(mut self, name: &str) -> Self {
        self.claims.shift_remove(name);
        self
    }

    /// Says something more in the header, or something else. Null leaves a member out.
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.into(), value.into());
        self
    }

    /// Lets it have expired an hour ago.
    pub fn expired(self) -> Self {
        let now = now();
        self.claim("iat", now - 2 * HOUR).claim("exp", now - HOUR)
    }

    /// Mints it for somebody else.
    pub fn audience(self, audience: impl Into<String>) -> Self {
        self.claim("aud", audience.into())
    }

    /// Has it signed by another key: an older one, or one that nobody publishes.
    pub fn signed_by(mut self, key: &SigningKey) -> Self {
        self.key = key.clone();
        self
    }

    /// The token, as it goes after `Bearer `.
    ///
    /// # Panics
    ///
    /// If the key cannot sign.
    #[must_use]
    pub fn token(&self) -> String {
        let mut header = json!({ "alg": self.key.algorithm().as_str(), "kid": self.key.kid() });
        for (name, value) in &self.header {
            header[name] = value.clone();
        }
        if let Value::Object(members) = &mut header {
            members.retain(|_, value| !value.is_null());
        }
        self.key.sign(header.to_string(), Value::from(self.claims.clone()).to_string())
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
