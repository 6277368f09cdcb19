//! Verifications per second of processor time, by algorithm: ours at first sight and seen before,
//! aws-lc-rs alone, and jose on Node.

use std::{
    io,
    process::Stdio,
    time::{Duration, Instant},
};

use aws_lc_rs::{
    rsa::PublicKeyComponents,
    signature::{self, ParsedPublicKey, VerificationAlgorithm},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use ioserver_oidc::{
    Algorithm,
    testing::{AuthService, SigningKey},
    verify_oidc_token,
};
use serde_json::json;
use tokio::{io::AsyncWriteExt, process::Command};

use crate::process::{folder, own_cpu};

/// Of each kind of key, what issuers use.
pub(crate) const ALGORITHMS: [Algorithm; 6] = [
    Algorithm::Rs256,
    Algorithm::Ps256,
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::Es512,
    Algorithm::EdDsa,
];

/// The columns of the table: each a metric.
pub(crate) const COLUMNS: [&str; 4] =
    ["aws-lc-rs alone", "first sight", "seen before", "jose on Node"];

/// Who issues, and the token that is verified again and again.
struct Case {
    auth: AuthService,
    key: SigningKey,
    token: String,
    time: Duration,
}

/// Verifications per second of processor time under one algorithm, a figure for each column.
pub(crate) async fn run(algorithm: Algorithm, time: Duration) -> io::Result<[f64; 4]> {
    let auth = AuthService::start().await?;
    let key = SigningKey::generate(algorithm.as_str(), algorithm);
    auth.rotate_to(key.clone());
    let token = auth
        .mint("7f0c8e56-user")
        .claim("email", "ann@example.org")
        .claim("name", "Ann Example")
        .claim("roles", json!(["user"]))
        .token();
    let case = Case { auth, key, token, time };
    Ok([case.bare(), case.ours(0).await, case.ours(1_000).await, case.jose().await?])
}

impl Case {
    /// The check of the signature, with the key parsed once.
    fn bare(&self) -> f64 {
        let (message, signature) = self.token.rsplit_once('.').expect("a token has three parts");
        let signature = BASE64.decode(signature).expect("the issuer encodes soundly");
        let key = public_key(&self.key);
        rate(self.time, || {
            key.verify_sig(message.as_bytes(), &signature).expect("the signature is good");
        })
    }

    async fn ours(&self, token_cache: usize) -> f64 {
        let mut config = self.auth.config();
        config.token_cache = token_cache;
        let verify = || async {
            verify_oidc_token(&self.token, &config).await.expect("the token is good");
        };
        verify().await; // fetches the keys
        let (before, begun, mut count) = (own_cpu(), Instant::now(), 0_u32);
        while begun.elapsed() < self.time {
            for _ in 0..100 {
                verify().await;
            }
            count += 100;
        }
        f64::from(count) / (own_cpu() - before).as_secs_f64()
    }

    /// `jwtVerify` with a remote key set, as the original does it.
    async fn jose(&self) -> io::Result<f64> {
        let asked = json!({
            "issuer": self.auth.url(), "audience": AuthService::AUDIENCE, "token": self.token,
            "seconds": self.time.as_secs_f64(),
        });
        let mut node = Command::new("node")
            .arg(folder().join("original/verify.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut stdin = node.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        stdin.write_all(asked.to_string().as_bytes()).await?;
        drop(stdin);
        let output = node.wait_with_output().await?;
        let text = String::from_utf8_lossy(&output.stdout);
        text.trim().parse().map_err(|_| io::Error::other("original/verify.mjs gave no figure"))
    }
}

/// Calls per second of processor time.
fn rate(time: Duration, mut call: impl FnMut()) -> f64 {
    let (before, begun, mut count) = (own_cpu(), Instant::now(), 0_u32);
    while begun.elapsed() < time {
        for _ in 0..100 {
            call();
        }
        count += 100;
    }
    f64::from(count) / (own_cpu() - before).as_secs_f64()
}

fn public_key(key: &SigningKey) -> ParsedPublicKey {
    const SOUND: &str = "it is a key of our own";
    let jwk = key.jwk();
    let member = |name: &str| BASE64.decode(jwk[name].as_str().unwrap_or_default()).expect(SOUND);
    let point = || [&[4], &*member("x"), &*member("y")].concat();
    let rsa = |parameters| {
        let components = PublicKeyComponents { n: member("n"), e: member("e") };
        components.to_parsed_public_key(parameters).expect(SOUND)
    };
    let (scheme, bytes): (&'static dyn VerificationAlgorithm, _) = match key.algorithm() {
        Algorithm::Rs256 => return rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::Ps256 => return rsa(&signature::RSA_PSS_2048_8192_SHA256),
        Algorithm::Es256 => (&signature::ECDSA_P256_SHA256_FIXED, point()),
        Algorithm::Es384 => (&signature::ECDSA_P384_SHA384_FIXED, point()),
        Algorithm::Es512 => (&signature::ECDSA_P521_SHA512_FIXED, point()),
        _ => (&signature::ED25519, member("x")),
    };
    ParsedPublicKey::new(scheme, bytes).expect(SOUND)
}
