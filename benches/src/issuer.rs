//! An auth-service for measurements: three keys, and as many tokens as one wants.

use std::{
    net::SocketAddr,
    time::{Duration, SystemTime},
};

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeySize, PublicKeyComponents},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
        RsaKeyPair,
    },
};
use axum::{Json, Router, routing::get};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The name that tokens are meant for.
const AUDIENCE: &str = "bench";

/// A running auth-service.
#[expect(missing_debug_implementations, reason = "it holds private keys")]
pub struct Issuer {
    address: SocketAddr,
    keys: Keys,
}

struct Keys {
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
    ed: Ed25519KeyPair,
}

/// What a token is signed with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "they are JOSE's names")]
pub enum Algorithm {
    Rs256,
    Es256,
    EdDsa,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rs256, Self::Es256, Self::EdDsa];

    /// JOSE's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }
}

impl Issuer {
    /// Starts it, with `others` further keys in its set.
    ///
    /// # Errors
    ///
    /// If it cannot listen.
    ///
    /// # Panics
    ///
    /// If no keys can be made.
    pub async fn start(others: usize) -> std::io::Result<Self> {
        let keys = Keys::new();
        let mut set = keys.public();
        set.extend((0..others).map(|number| {
            let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
            ec_jwk(&key.expect("keys can be made"), &format!("other-{number}"))
        }));
        let body = json!({ "keys": set });
        let keys_of_all = get(move || std::future::ready(Json(body.clone())));
        let app = Router::new().route("/api/auth/jwks", keys_of_all);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self { address, keys })
    }

    /// What tells a server to trust it.
    #[must_use]
    pub fn environment(&self) -> [(&'static str, String); 2] {
        [("AUTH_SERVICE_URL", self.url()), ("AUTH_SERVICE_APP_SLUG", AUDIENCE.into())]
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A token that differs from all with another number.
    ///
    /// # Panics
    ///
    /// If the key does not sign.
    #[must_use]
    pub fn token(&self, algorithm: Algorithm, number: usize) -> String {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let now = now.unwrap_or(Duration::ZERO).as_secs();
        let header = json!({ "alg": algorithm.name(), "kid": algorithm.name(), "typ": "JWT" });
        let claims = json!({
            "iss": self.url(), "aud": AUDIENCE, "sub": "7f0c8e56-user", "iat": now,
            "exp": now + 7_200, "jti": number.to_string(), "email": "ann@example.org",
            "name": "Ann Example", "roles": ["user"], "scope": "openid profile email",
        });
        let signed = format!("{}.{}", encode(&header), encode(&claims));
        let signature = self.keys.sign(algorithm, signed.as_bytes());
        format!("{signed}.{}", BASE64.encode(signature))
    }
}

fn encode(value: &Value) -> String {
    BASE64.encode(value.to_string())
}

impl Keys {
    fn new() -> Self {
        Self {
            rsa: RsaKeyPair::generate(KeySize::Rsa2048).expect("keys can be made"),
            ec: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("keys can be made"),
            ed: Ed25519KeyPair::generate().expect("keys can be made"),
        }
    }

    fn public(&self) -> Vec<Value> {
        let rsa = PublicKeyComponents::<Vec<u8>>::from(self.rsa.public_key());
        vec![
            json!({
                "kty": "RSA", "alg": "RS256", "use": "sig", "kid": "RS256",
                "n": BASE64.encode(rsa.n), "e": BASE64.encode(rsa.e),
            }),
            ec_jwk(&self.ec, "ES256"),
            json!({
                "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "EdDSA",
                "x": BASE64.encode(self.ed.public_key()),
            }),
        ]
    }

    fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match algorithm {
            Algorithm::Rs256 => {
                let mut signature = vec![0; self.rsa.public_modulus_len()];
                let signed = self.rsa.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature);
                signed.expect("the key signs");
                signature
            }
            Algorithm::Es256 => {
                self.ec.sign(&random, message).expect("the key signs").as_ref().into()
            }
            Algorithm::EdDsa => self.ed.sign(message).as_ref().into(),
        }
    }
}

fn ec_jwk(key: &EcdsaKeyPair, id: &str) -> Value {
    // An uncompressed point: 4, x, y.
    let (x, y) = key.public_key().as_ref()[1..].split_at(32);
    json!({
        "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": id,
        "x": BASE64.encode(x), "y": BASE64.encode(y),
    })
}
