//! The signature check alone: aws-lc-rs, with the key parsed once.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    VerificationAlgorithm,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};

use ioserver_bench::issuer::{Algorithm, Issuer};

use crate::process::own_cpu;

/// The CPU time of one check, in microseconds.
pub(crate) fn check(algorithm: Algorithm, issuer: &Issuer, time: Duration) -> f64 {
    let token = issuer.token(algorithm, 0);
    let (message, signature) = token.rsplit_once('.').expect("a token has three parts");
    let signature = BASE64.decode(signature).expect("the issuer encodes soundly");
    let scheme: &'static dyn VerificationAlgorithm = match algorithm {
        Algorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
        Algorithm::Es256 => &ECDSA_P256_SHA256_FIXED,
        Algorithm::EdDsa => &ED25519,
    };
    let key = ParsedPublicKey::new(scheme, issuer.public_key(algorithm)).expect("it is a key");
    let (before, begun, mut count) = (own_cpu(), Instant::now(), 0_u32);
    while begun.elapsed() < time {
        for _ in 0..100 {
            let good = key.verify_sig(black_box(message.as_bytes()), black_box(&signature));
            good.expect("the signature is good");
        }
        count += 100;
    }
    (own_cpu() - before).as_secs_f64() * 1e6 / f64::from(count)
}
