//! An issuer, and keys of another JWT library that sign whatever they are given.

#![allow(dead_code, reason = "each test file uses a part of it")]
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
#![expect(clippy::needless_pass_by_value, reason = "tests pass literals")]

use std::{
    env,
    process::Command,
    sync::OnceLock,
    time::{SystemTime, UNIX_EPOCH},
};

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::{self, KeySize},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair,
        Ed25519KeyPair, KeyPair as _,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ioserver_oidc::{
    OidcConfig, OidcError, OidcUserContext, TokenFault,
    testing::{AuthService, Outage},
    verify_oidc_token,
};
use jsonwebtoken::{Algorithm, EncodingKey, crypto, jwk::Jwk};
use serde_json::{Value, json};

pub(crate) const SLUG: &str = "my-app";
pub(crate) const AUDIENCE: &str = "https://api.example.com";

/// An auth-service that publishes the keys of the test, which jsonwebtoken signs with.
pub(crate) struct Issuer {
    pub(crate) url: String,
    service: AuthService,
}

impl Issuer {
    pub(crate) async fn start(keys: &[Value]) -> Self {
        let service = AuthService::start().await.unwrap();
        service.publish(keys);
        Self { url: service.url().to_owned(), service }
    }

    pub(crate) fn publish(&self, keys: &[Value]) {
        self.service.publish(keys);
    }

    /// From now on it answers 500, or no longer.
    pub(crate) fn be_down(&self, down: bool) {
        if down { self.service.fail(Outage::Status(500)) } else { self.service.recover() }
    }

    pub(crate) fn hits(&self) -> usize {
        self.service.hits()
    }

    /// A configuration with the audience set.
    pub(crate) fn config(&self) -> OidcConfig {
        let mut config = OidcConfig::new(&self.url, SLUG);
        config.audience = Some(AUDIENCE.into());
        config
    }

    /// The claims of a good token.
    pub(crate) fn claims(&self) -> Value {
        json!({
            "iss": self.url, "aud": AUDIENCE, "sub": "user-1", "iat": now(), "exp": now() + 3600,
            "azp": SLUG, "scope": "openid"
        })
    }
}

/// A key pair with an id. Signs by jsonwebtoken where that can, else (ES512) by aws-lc-rs.
pub(crate) struct Pair {
    pub(crate) kid: &'static str,
    pub(crate) alg: &'static str,
    key: Key,
}

enum Key {
    Minter(EncodingKey),
    P521(Box<EcdsaKeyPair>),
}

impl Pair {
    /// Slow to make: all tests of a process share two.
    pub(crate) fn rsa(kid: &'static str, alg: &'static str) -> Self {
        static DER: OnceLock<Vec<u8>> = OnceLock::new();
        Self { kid, alg, key: Key::Minter(EncodingKey::from_rsa_der(DER.get_or_init(rsa_der))) }
    }

    /// An RSA key that nobody publishes.
    pub(crate) fn stranger(kid: &'static str) -> Self {
        static DER: OnceLock<Vec<u8>> = OnceLock::new();
        let key = Key::Minter(EncodingKey::from_rsa_der(DER.get_or_init(rsa_der)));
        Self { kid, alg: "RS256", key }
    }

    pub(crate) fn es256(kid: &'static str) -> Self {
        let random = SystemRandom::new();
        let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        Self { kid, alg: "ES256", key: Key::Minter(EncodingKey::from_ec_der(der.as_ref())) }
    }

    pub(crate) fn es512(kid: &'static str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P521_SHA512_FIXED_SIGNING).unwrap();
        Self { kid, alg: "ES512", key: Key::P521(Box::new(pair)) }
    }

    pub(crate) fn ed25519(kid: &'static str) -> Self {
        let der = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).unwrap();
        Self { kid, alg: "EdDSA", key: Key::Minter(EncodingKey::from_ed_der(der.as_ref())) }
    }

    /// The public half as an auth-service publishes it.
    pub(crate) fn jwk(&self) -> Value {
        let mut jwk = match &self.key {
            Key::Minter(key) => {
                let name = self.alg.parse().unwrap();
                serde_json::to_value(Jwk::from_encoding_key(key, name).unwrap()).unwrap()
            }
            Key::P521(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(66);
                json!({ "kty": "EC", "crv": "P-521", "x": base64url(x), "y": base64url(y) })
            }
        };
        jwk["kid"] = self.kid.into();
        jwk["alg"] = self.alg.into();
        jwk["use"] = "sig".into();
        jwk
    }

    /// A token with this key's id and algorithm in its header.
    pub(crate) fn token(&self, claims: &Value) -> String {
        self.token_with(json!({}), claims)
    }

    /// The same with members added to the header, or replaced; null takes one away.
    pub(crate) fn token_with(&self, members: Value, claims: &Value) -> String {
        let mut header = json!({ "alg": self.alg, "kid": self.kid });
        for (name, value) in members.as_object().unwrap() {
            match value {
                Value::Null => drop(header.as_object_mut().unwrap().shift_remove(name)),
                value => header[name] = value.clone(),
            }
        }
        self.sign(&header.to_string(), claims.to_string())
    }

    /// A token of these two texts, signed under the key's own algorithm whatever they say.
    pub(crate) fn sign(&self, header: &str, payload: impl AsRef<[u8]>) -> String {
        self.sign_as(self.alg, header, payload)
    }

    pub(crate) fn sign_as(&self, alg: &str, header: &str, payload: impl AsRef<[u8]>) -> String {
        let signed = format!("{}.{}", base64url(header), base64url(payload));
        let signature = match &self.key {
            Key::Minter(key) => {
                let alg: Algorithm = alg.parse().unwrap();
                crypto::sign(signed.as_bytes(), key, alg).unwrap()
            }
            Key::P521(pair) => {
                base64url(pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap())
            }
        };
        format!("{signed}.{signature}")
    }
}

fn rsa_der() -> Vec<u8> {
    let pkcs8 = rsa::KeyPair::generate(KeySize::Rsa2048).unwrap().as_der().unwrap();
    pkcs8.as_ref()[26..].to_vec() // RFC 5208: the PKCS #1 key is the last member
}

pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

/// Adds claims, or replaces them; `"-"` takes one away.
pub(crate) fn with(mut claims: Value, members: Value) -> Value {
    for (name, value) in members.as_object().unwrap() {
        if value == "-" {
            claims.as_object_mut().unwrap().shift_remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

/// Runs a test once more, alone in a process with these `AUTH_SERVICE_*` variables and no others,
/// and returns what it wrote. `None` in that process.
pub(crate) fn alone(test: &str, variables: &[(&str, &str)]) -> Option<String> {
    const MARK: &str = "IOSERVER_OIDC_TEST_ALONE";
    if env::var_os(MARK).is_some() {
        return None;
    }
    let mut command = Command::new(env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture"]).env(MARK, "1");
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AUTH_"))
    {
        command.env_remove(name);
    }
    let output = command.envs(variables.iter().copied()).output().unwrap();
    let written = [output.stdout, output.stderr].concat();
    let written = String::from_utf8_lossy(&written).into_owned();
    assert!(output.status.success() && written.contains("1 passed"), "{written}");
    Some(written)
}

/// Why a token is refused.
pub(crate) async fn fault(token: &str, config: &OidcConfig) -> Option<TokenFault> {
    match verify_oidc_token(token, config).await {
        Ok(_) => None,
        Err(OidcError::InvalidToken(fault)) => Some(fault),
        Err(other) => panic!("{other}: {:?}", std::error::Error::source(&other)),
    }
}

pub(crate) async fn user(token: &str, config: &OidcConfig) -> OidcUserContext {
    verify_oidc_token(token, config).await.unwrap()
}
