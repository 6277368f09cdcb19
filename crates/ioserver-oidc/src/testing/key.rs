//! Keys that sign, in every algorithm that tokens may have.

use std::{fmt, sync::Arc};

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeySize,
    signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RsaKeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::Algorithm;

/// A key pair with an id, for one algorithm. Cheap to clone.
#[derive(Clone)]
pub struct SigningKey(Arc<Inner>);

struct Inner {
    kid: String,
    algorithm: Algorithm,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// Makes a key. An RSA key, always of 2048 bits, takes a moment.
    ///
    /// # Panics
    ///
    /// If the system has no randomness.
    #[must_use]
    pub fn generate(kid: impl Into<String>, algorithm: Algorithm) -> Self {
        let pair = match algorithm {
            Algorithm::Es256 => ecdsa(&signature::ECDSA_P256_SHA256_FIXED_SIGNING),
            Algorithm::Es384 => ecdsa(&signature::ECDSA_P384_SHA384_FIXED_SIGNING),
            Algorithm::Es512 => ecdsa(&signature::ECDSA_P521_SHA512_FIXED_SIGNING),
            Algorithm::EdDsa | Algorithm::Ed25519 => {
                Pair::Ed25519(Ed25519KeyPair::generate().expect("there is randomness"))
            }
            _ => Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).expect("there is randomness")),
        };
        Self(Arc::new(Inner { kid: kid.into(), algorithm, pair }))
    }

    /// Its id.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.0.kid
    }

    /// What it signs with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.0.algorithm
    }

    /// The public half, as an auth-service publishes it.
    #[must_use]
    pub fn jwk(&self) -> Value {
        let mut jwk = match &self.0.pair {
            Pair::Rsa(pair) => rsa_jwk(pair.public_key().as_ref()),
            Pair::Ecdsa(pair) => self.ecdsa_jwk(pair.public_key().as_ref()),
            Pair::Ed25519(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": base64url(pair.public_key()) })
            }
        };
        jwk["kid"] = self.kid().into();
        jwk["alg"] = self.algorithm().as_str().into();
        jwk["use"] = "sig".into();
        jwk
    }

    /// A token of these two texts, whatever they say: a header that lies, claims that are no JSON.
    ///
    /// # Panics
    ///
    /// If the system has no randomness.
    #[must_use]
    pub fn sign(&self, header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
        let signed = format!("{}.{}", base64url(header), base64url(claims));
        let signature = self.signature(signed.as_bytes());
        format!("{signed}.{}", base64url(signature))
    }

    fn signature(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.0.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(self.rsa_encoding(), &random, message, &mut signature)
                    .expect("there is randomness");
                signature
            }
            Pair::Ecdsa(pair) => {
                pair.sign(&random, message).expect("there is randomness").as_ref().to_vec()
            }
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    fn rsa_encoding(&self) -> &'static dyn signature::RsaEncoding {
        match self.algorithm() {
            Algorithm::Rs384 => &signature::RSA_PKCS1_SHA384,
            Algorithm::Rs512 => &signature::RSA_PKCS1_SHA512,
            Algorithm::Ps256 => &signature::RSA_PSS_SHA256,
            Algorithm::Ps384 => &signature::RSA_PSS_SHA384,
            Algorithm::Ps512 => &signature::RSA_PSS_SHA512,
            _ => &signature::RSA_PKCS1_SHA256,
        }
    }

    /// SEC 1 section 2.3.3: a 4 and the two coordinates.
    fn ecdsa_jwk(&self, point: &[u8]) -> Value {
        let curve = match self.algorithm() {
            Algorithm::Es384 => "P-384",
            Algorithm::Es512 => "P-521",
            _ => "P-256",
        };
        let (x, y) = point[1..].split_at(point.len() / 2);
        json!({ "kty": "EC", "crv": curve, "x": base64url(x), "y": base64url(y) })
    }
}

fn ecdsa(algorithm: &'static EcdsaSigningAlgorithm) -> Pair {
    Pair::Ecdsa(EcdsaKeyPair::generate(algorithm).expect("there is randomness"))
}

/// RFC 8017 appendix A.1.1: of a key of 2048 bits whose exponent is 65537, the modulus and the
/// exponent lie at places that are always the same.
fn rsa_jwk(der: &[u8]) -> Value {
    let (modulus, exponent) = (&der[9..265], &der[267..]);
    json!({ "kty": "RSA", "n": base64url(modulus), "e": base64url(exponent) })
}

fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.kid())
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}
