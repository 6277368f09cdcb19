//! Keys and tokens, in the shapes of BetterAuth.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ioserver::{IOServerError, Result};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Map, Value, json};

use crate::{AUDIENCE, people::Person};

const KEY_ID: &str = "development-key";
const HOUR: i64 = 3600;

/// Signs tokens with a key that lives as long as the process.
pub(crate) struct Issuer {
    url: String,
    client_id: &'static str,
    key: EncodingKey,
    jwks: Value,
}

/// The kinds of tokens that can be had.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Access,
    Expired,
    Id,
}

impl Issuer {
    /// Makes a key: Ed25519, BetterAuth's default.
    pub(crate) fn new(url: &str, client_id: &'static str) -> Result<Self> {
        let failed = |_| IOServerError::new("no key could be made", 500_u16);
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(failed)?;
        let pair = Ed25519KeyPair::from_pkcs8(document.as_ref())
            .map_err(|_| IOServerError::new("no key could be made", 500_u16))?;
        let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        Ok(Self {
            url: url.to_owned(),
            client_id,
            key: EncodingKey::from_ed_der(document.as_ref()),
            jwks: json!({
                "keys": [{ "alg": "EdDSA", "crv": "Ed25519", "x": x, "kty": "OKP", "kid": KEY_ID }]
            }),
        })
    }

    /// Its name in `iss`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The public key set.
    pub(crate) fn jwks(&self) -> &Value {
        &self.jwks
    }

    /// A token for someone, that is good for so long.
    pub(crate) fn mint(&self, person: &Person, kind: Kind, good: Duration) -> Result<String> {
        let mut claims = match person.claims() {
            Value::Object(claims) => claims,
            _ => Map::new(),
        };
        let good = i64::try_from(good.as_secs()).unwrap_or(HOUR);
        let (now, lifetime) = (now(), if matches!(kind, Kind::Expired) { -HOUR } else { good });
        claims.insert("iss".into(), self.url.as_str().into());
        claims.insert("iat".into(), (now - HOUR).into());
        claims.insert("exp".into(), (now + lifetime).into());
        match kind {
            Kind::Id => drop(claims.insert("aud".into(), self.client_id.into())),
            Kind::Access | Kind::Expired => {
                let userinfo = format!("{}/api/auth/oauth2/userinfo", self.url);
                claims.insert("aud".into(), json!([AUDIENCE, userinfo]));
                claims.insert("azp".into(), self.client_id.into());
                claims.insert("scope".into(), "openid profile email roles".into());
            }
        }
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = None; // as BetterAuth 1.5
        header.kid = Some(KEY_ID.into());
        jsonwebtoken::encode(&header, &claims, &self.key).map_err(IOServerError::internal)
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issuer").field("url", &self.url).finish_non_exhaustive()
    }
}
