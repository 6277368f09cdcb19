//! Key pairs that publish themselves as a JWK and sign: by `jsonwebtoken` where it can, else (ES512)
//! by aws-lc-rs.

use std::sync::OnceLock;

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::{self, KeySize},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
        ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{EncodingKey, crypto, jwk::Jwk};
use serde_json::{Value, json};

use crate::Algorithm::{self, *};

pub(crate) const MESSAGE: &[u8] = b"eyJhbGciOiJ4In0.eyJzdWIiOiJ1c2VyLTEifQ";

/// A key pair.
pub(crate) enum Pair {
    Minted(EncodingKey, jsonwebtoken::Algorithm),
    Edwards(EncodingKey, Value),
    Es512(Box<EcdsaKeyPair>),
}

impl Pair {
    /// The pair for an algorithm. RSA pairs are slow to make: there are two of each kind, `which` of them.
    pub(crate) fn of(algorithm: Algorithm, which: usize) -> Self {
        let random = SystemRandom::new();
        let elliptic = |parameters, name| {
            let der = EcdsaKeyPair::generate_pkcs8(parameters, &random).unwrap();
            Self::Minted(EncodingKey::from_ec_der(der.as_ref()), name)
        };
        match algorithm {
            Es256 => elliptic(&ECDSA_P256_SHA256_FIXED_SIGNING, jsonwebtoken::Algorithm::ES256),
            Es384 => elliptic(&ECDSA_P384_SHA384_FIXED_SIGNING, jsonwebtoken::Algorithm::ES384),
            Es512 => Self::Es512(
                EcdsaKeyPair::generate(&ECDSA_P521_SHA512_FIXED_SIGNING).unwrap().into(),
            ),
            EdDsa | Ed25519 => {
                let der = Ed25519KeyPair::generate_pkcs8v1(&random).unwrap();
                let pair = Ed25519KeyPair::from_pkcs8(der.as_ref()).unwrap();
                let x = text(pair.public_key().as_ref());
                let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": x});
                Self::Edwards(EncodingKey::from_ed_der(der.as_ref()), jwk)
            }
            _ => Self::Minted(
                EncodingKey::from_rsa_der(&rsa(KeySize::Rsa2048, which)),
                algorithm.as_str().parse().unwrap(),
            ),
        }
    }

    /// The public half, without `kid`, `alg` or `use`.
    pub(crate) fn jwk(&self) -> Value {
        match self {
            Self::Minted(key, name) => {
                let mut jwk =
                    serde_json::to_value(Jwk::from_encoding_key(key, *name).unwrap()).unwrap();
                jwk.as_object_mut().unwrap().shift_remove("alg");
                jwk
            }
            Self::Edwards(_, jwk) => jwk.clone(),
            Self::Es512(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(66);
                json!({"kty": "EC", "crv": "P-521", "x": text(x), "y": text(y)})
            }
        }
    }

    /// The public half as an auth-service publishes it.
    pub(crate) fn published(&self, kid: &str, algorithm: Algorithm) -> Value {
        with(self.jwk(), json!({"kid": kid, "alg": algorithm.as_str(), "use": "sig"}))
    }

    /// A signature over [`MESSAGE`].
    pub(crate) fn sign(&self) -> Vec<u8> {
        let mint =
            |key, name| URL_SAFE_NO_PAD.decode(crypto::sign(MESSAGE, key, name).unwrap()).unwrap();
        match self {
            Self::Minted(key, name) => mint(key, *name),
            Self::Edwards(key, _) => mint(key, jsonwebtoken::Algorithm::EdDSA),
            Self::Es512(pair) => {
                pair.sign(&SystemRandom::new(), MESSAGE).unwrap().as_ref().to_vec()
            }
        }
    }
}

/// The DER of an RSA private key.
pub(crate) fn rsa(size: KeySize, which: usize) -> Vec<u8> {
    static MADE: [OnceLock<Vec<u8>>; 2] = [const { OnceLock::new() }; 2];
    let make = || {
        let pkcs8 = rsa::KeyPair::generate(size).unwrap().as_der().unwrap();
        pkcs8.as_ref()[26..].to_vec() // RFC 5208: the PKCS #1 key is the last member
    };
    MADE[which].get_or_init(make).clone()
}

/// Adds members to a JWK, or replaces them; null takes one away.
pub(crate) fn with(mut jwk: Value, members: Value) -> Value {
    let Value::Object(members) = members else { panic!("not members: {members}") };
    for (name, value) in members {
        if value.is_null() {
            jwk.as_object_mut().unwrap().shift_remove(&name);
        } else {
            jwk[name] = value;
        }
    }
    jwk
}

pub(crate) fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
