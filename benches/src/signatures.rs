//! The check of a token's signature and of nothing else: aws-lc-rs, with each key parsed once.

use std::io;

use aws_lc_rs::{
    rsa::PublicKeyComponents,
    signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use serde_json::Value;

use crate::{get, issuer::Algorithm};

/// A key for each algorithm.
#[expect(missing_debug_implementations, reason = "it holds nothing that one would print")]
pub struct Signatures(Vec<(Algorithm, ParsedPublicKey)>);

impl Signatures {
    /// Fetches the keys of `AUTH_SERVICE_URL`, once; without it there are none.
    ///
    /// # Errors
    ///
    /// If the auth-service does not answer with keys.
    pub async fn fetch() -> io::Result<Self> {
        let Ok(url) = std::env::var("AUTH_SERVICE_URL") else { return Ok(Self(Vec::new())) };
        let set: Value = serde_json::from_slice(&get(&url, "/api/auth/jwks").await?)?;
        let keys = Algorithm::ALL.into_iter().filter_map(|algorithm| {
            let jwk = set["keys"].as_array()?.iter().find(|jwk| jwk["kid"] == algorithm.name())?;
            Some((algorithm, parse(algorithm, jwk)?))
        });
        Ok(Self(keys.collect()))
    }

    /// Whether the signature of the token in an `Authorization` header is right.
    #[must_use]
    pub fn hold(&self, algorithm: Algorithm, authorization: Option<&[u8]>) -> bool {
        let key = self.0.iter().find(|(known, _)| *known == algorithm).map(|(_, key)| key);
        let token = authorization.and_then(|header| header.strip_prefix(b"Bearer "));
        let Some((key, token)) = key.zip(token) else { return false };
        let Some(dot) = token.iter().rposition(|byte| *byte == b'.') else { return false };
        let (signed, signature) = (&token[..dot], BASE64.decode(&token[dot + 1..]));
        signature.is_ok_and(|signature| key.verify_sig(signed, &signature).is_ok())
    }
}

fn parse(algorithm: Algorithm, jwk: &Value) -> Option<ParsedPublicKey> {
    let member = |name: &str| BASE64.decode(jwk[name].as_str()?).ok();
    match algorithm {
        Algorithm::Rs256 => PublicKeyComponents { n: member("n")?, e: member("e")? }
            .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
            .ok(),
        Algorithm::Es256 => {
            let point = [&[4], &*member("x")?, &*member("y")?].concat(); // uncompressed
            ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).ok()
        }
        Algorithm::EdDsa => ParsedPublicKey::new(&ED25519, member("x")?).ok(),
    }
}
