//! What programs and benches share: the auth-service with its tokens, a Socket.IO client, and the
//! check that the comparators make with jsonwebtoken.

pub mod client;
pub mod issuer;
pub mod signatures;

use std::{collections::HashMap, io};

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde::Deserialize;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// The auth-service's keys, each with what a token under it must say.
#[expect(missing_debug_implementations, reason = "it holds nothing that one would print")]
pub struct Keys {
    by_id: HashMap<String, (DecodingKey, Validation)>,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
}

impl Keys {
    /// Fetches the keys of `AUTH_SERVICE_URL`, once; without it there are none.
    ///
    /// # Errors
    ///
    /// If the auth-service does not answer with keys.
    pub async fn fetch() -> io::Result<Self> {
        let Ok(url) = std::env::var("AUTH_SERVICE_URL") else {
            return Ok(Self { by_id: HashMap::new() });
        };
        let audience = std::env::var("AUTH_SERVICE_APP_SLUG").unwrap_or_default();
        let set: JwkSet = serde_json::from_slice(&get(&url, "/api/auth/jwks").await?)?;
        let usable = set.keys.iter().filter_map(|key| {
            let (id, algorithm) = (key.common.key_id.clone()?, key.common.key_algorithm?);
            let algorithm: Algorithm = algorithm.to_string().parse().ok()?;
            let mut validation = Validation::new(algorithm);
            validation.set_audience(&[&audience]);
            validation.set_issuer(&[&url]);
            validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
            Some((id, (DecodingKey::from_jwk(key).ok()?, validation)))
        });
        Ok(Self { by_id: usable.collect() })
    }

    /// The user of an `Authorization` header, if its token is valid.
    #[must_use]
    pub fn user(&self, authorization: Option<&[u8]>) -> Option<String> {
        let token = std::str::from_utf8(authorization?).ok()?.strip_prefix("Bearer ")?;
        let (key, validation) = self.by_id.get(&decode_header(token).ok()?.kid?)?;
        decode::<Claims>(token, key, validation).ok().map(|token| token.claims.sub)
    }
}

/// The body of a plain GET.
async fn get(url: &str, path: &str) -> io::Result<Vec<u8>> {
    let host = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await?;
    let request = format!("GET {path} HTTP/1.0\r\nhost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let head = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    let head = head.ok_or(io::ErrorKind::InvalidData)?;
    Ok(answer.split_off(head + 4))
}

/// The port of `--port N`.
///
/// # Panics
///
/// If the command line says anything else.
#[must_use]
pub fn port() -> u16 {
    let mut arguments = std::env::args().skip(1);
    let port = match (arguments.next().as_deref(), arguments.next()) {
        (Some("--port"), Some(port)) => port.parse().ok(),
        _ => None,
    };
    port.expect("start it with `--port N`")
}
