//! One JWK, as a key that verifies or not at all.

use aws_lc_rs::{
    digest::{self, SHA256},
    rsa::PublicKeyComponents,
    signature::{self, EcdsaVerificationAlgorithm, ParsedPublicKey, RsaParameters},
};
use serde_json::{Map, Value};

use super::{edwards::is_sound, roca};
use crate::{Algorithm, encoding::base64url, json::json_object};

/// A public key and the algorithms that it may be used with, each parsed once.
#[derive(Debug)]
pub(crate) struct Key {
    kid: Option<Box<str>>,
    verifiers: Box<[(Algorithm, ParsedPublicKey)]>, // six at most: an RSA key without `alg`
    digest: [u8; 32],
}

impl Key {
    /// Reads the JSON text of one JWK.
    ///
    /// RFC 7517 section 4: `use`, `key_ops` and `alg` are honoured, so that a key for encryption or
    /// for PS256 verifies no RS256 signature. RFC 8725 section 3.1: what a key is for is said by
    /// the key, never by the token.
    pub(crate) fn parse(text: &str) -> Result<Self, Unusable> {
        let jwk =
            json_object(text.as_bytes()).map_err(|fault| Unusable::broken(fault.to_string()))?;
        let kid = optional(&jwk, "kid")?;
        let named = |mut unusable: Unusable| {
            unusable.kid = kid.map(str::to_owned);
            unusable
        };
        for_signatures(&jwk).map_err(named)?;
        let verifiers = verifiers(&jwk).map_err(named)?;
        Ok(Self { digest: digest(kid, &verifiers), kid: kid.map(Into::into), verifiers })
    }

    /// The key's id.
    pub(crate) fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Whether the key may be used with the algorithm.
    pub(crate) fn fits(&self, algorithm: Algorithm) -> bool {
        self.verifier(algorithm).is_some()
    }

    /// Whether the signature is this key's over the message. False for an algorithm that does not fit.
    pub(crate) fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.verifier(algorithm).is_some_and(|key| key.verify_sig(message, signature).is_ok())
    }

    /// Stands for everything that decides what the key accepts: id, algorithms and key material.
    pub(crate) fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// What the key may be used with.
    #[cfg(feature = "fuzzing")]
    pub(crate) fn algorithms(&self) -> impl Iterator<Item = Algorithm> {
        self.verifiers.iter().map(|(algorithm, _)| *algorithm)
    }

    fn verifier(&self, algorithm: Algorithm) -> Option<&ParsedPublicKey> {
        self.verifiers.iter().find(|(fitting, _)| *fitting == algorithm).map(|(_, key)| key)
    }
}

/// Why an entry of a set is not used.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Unusable {
    pub(crate) kid: Option<String>,
    pub(crate) reason: String,
    /// Whether somebody should mend the key, as opposed to a key that is meant for something else.
    pub(crate) broken: bool,
}

impl Unusable {
    pub(crate) fn broken(reason: impl Into<String>) -> Self {
        Self { kid: None, reason: reason.into(), broken: true }
    }

    fn foreign(reason: impl Into<String>) -> Self {
        Self { kid: None, reason: reason.into(), broken: false }
    }
}

/// Refuses keys that are meant for encryption, and those whose private half is published with them.
fn for_signatures(jwk: &Map<String, Value>) -> Result<(), Unusable> {
    if ["d", "p", "q", "dp", "dq", "qi", "oth", "k"].into_iter().any(|name| jwk.contains_key(name))
    {
        return Err(Unusable::broken("a private or symmetric key is published: replace it"));
    }
    if optional(jwk, "use")?.is_some_and(|usage| usage != "sig") {
        return Err(Unusable::foreign("`use` is not `sig`"));
    }
    match jwk.get("key_ops") {
        None => Ok(()),
        Some(Value::Array(ops)) if !ops.iter().all(Value::is_string) => {
            Err(Unusable::broken("`key_ops` is not a list of strings"))
        }
        Some(Value::Array(ops)) if ops.iter().any(|op| op == "verify") => Ok(()),
        Some(Value::Array(_)) => Err(Unusable::foreign("`key_ops` does not hold `verify`")),
        Some(_) => Err(Unusable::broken("`key_ops` is not a list of strings")),
    }
}

type Verifiers = Box<[(Algorithm, ParsedPublicKey)]>;

fn verifiers(jwk: &Map<String, Value>) -> Result<Verifiers, Unusable> {
    match required(jwk, "kty")? {
        "RSA" => rsa(jwk),
        "EC" => match required(jwk, "crv")? {
            "P-256" => elliptic(jwk, Algorithm::Es256, 32, &signature::ECDSA_P256_SHA256_FIXED),
            "P-384" => elliptic(jwk, Algorithm::Es384, 48, &signature::ECDSA_P384_SHA384_FIXED),
            "P-521" => elliptic(jwk, Algorithm::Es512, 66, &signature::ECDSA_P521_SHA512_FIXED),
            _ => Err(Unusable::foreign("`crv` is none of P-256, P-384, P-521")),
        },
        "OKP" => match required(jwk, "crv")? {
            "Ed25519" => okp(jwk),
            _ => Err(Unusable::foreign("`crv` is not Ed25519")),
        },
        _ => Err(Unusable::foreign("`kty` is none of RSA, EC, OKP")),
    }
}

fn rsa(jwk: &Map<String, Value>) -> Result<Verifiers, Unusable> {
    const FITTING: [(Algorithm, &RsaParameters); 6] = [
        (Algorithm::Rs256, &signature::RSA_PKCS1_2048_8192_SHA256),
        (Algorithm::Rs384, &signature::RSA_PKCS1_2048_8192_SHA384),
        (Algorithm::Rs512, &signature::RSA_PKCS1_2048_8192_SHA512),
        (Algorithm::Ps256, &signature::RSA_PSS_2048_8192_SHA256),
        (Algorithm::Ps384, &signature::RSA_PSS_2048_8192_SHA384),
        (Algorithm::Ps512, &signature::RSA_PSS_2048_8192_SHA512),
    ];
    let alg = optional(jwk, "alg")?;
    fits_alg(alg, &FITTING.map(|(algorithm, _)| algorithm))?;
    let (modulus, exponent) = (member(jwk, "n")?, member(jwk, "e")?);
    let key = PublicKeyComponents { n: unpadded(&modulus), e: unpadded(&exponent) };
    sound_rsa(key.n, key.e).map_err(Unusable::broken)?;
    FITTING
        .into_iter()
        .filter(|(algorithm, _)| names(alg, *algorithm))
        .map(|(algorithm, parameters)| Ok((algorithm, key.to_parsed_public_key(parameters)?)))
        .collect::<Result<_, aws_lc_rs::error::KeyRejected>>()
        .map_err(|_| Unusable::broken("`n` and `e` are no RSA key"))
}

/// RFC 7518 section 3.3: 2048 bits or more. Above 8192, one signature costs a millisecond.
fn sound_rsa(modulus: &[u8], exponent: &[u8]) -> Result<(), &'static str> {
    let bits = bits(modulus);
    if bits < 2048 {
        return Err("the RSA key is shorter than 2048 bits");
    }
    if bits > 8192 {
        return Err("the RSA key is longer than 8192 bits");
    }
    let odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
    if !odd(modulus) || !odd(exponent) || exponent == [1] || self::bits(exponent) > 33 {
        return Err("`n` or `e` cannot be of an RSA key");
    }
    if roca::is_fingerprinted(modulus) {
        return Err("the RSA key is of a faulty generator (CVE-2017-15361): replace it");
    }
    Ok(())
}

/// RFC 7518 section 6.2.1.2: each coordinate has the curve's full length.
fn elliptic(
    jwk: &Map<String, Value>,
    algorithm: Algorithm,
    length: usize,
    parameters: &'static EcdsaVerificationAlgorithm,
) -> Result<Verifiers, Unusable> {
    fits_alg(optional(jwk, "alg")?, &[algorithm])?;
    let (x, y) = (member(jwk, "x")?, member(jwk, "y")?);
    if x.len() != length || y.len() != length {
        return Err(Unusable::broken("`x` or `y` has not the length of its curve"));
    }
    let point = [&[4], x.as_slice(), y.as_slice()].concat(); // SEC 1 section 2.3.3: uncompressed
    let key = ParsedPublicKey::new(parameters, &point)
        .map_err(|_| Unusable::broken("`x` and `y` are no point of the curve"))?;
    Ok(Box::new([(algorithm, key)]))
}

/// RFC 8037: the same key under the old name (`EdDSA`) and, RFC 9864, the new (`Ed25519`).
fn okp(jwk: &Map<String, Value>) -> Result<Verifiers, Unusable> {
    let fitting = [Algorithm::EdDsa, Algorithm::Ed25519];
    let alg = optional(jwk, "alg")?;
    fits_alg(alg, &fitting)?;
    let x: [u8; 32] =
        member(jwk, "x")?.try_into().map_err(|_| Unusable::broken("`x` is not 32 bytes long"))?;
    if !is_sound(&x) {
        return Err(Unusable::broken("`x` is of small order, or has another spelling: replace it"));
    }
    let parsed = ParsedPublicKey::new(&signature::ED25519, x)
        .map_err(|_| Unusable::broken("`x` is no Ed25519 key"))?;
    Ok(fitting
        .into_iter()
        .filter(|one| names(alg, *one))
        .map(|one| (one, parsed.clone()))
        .collect())
}

/// Whether a key with this `alg` may be used with the algorithm: a key without one, with any.
fn names(alg: Option<&str>, algorithm: Algorithm) -> bool {
    alg.is_none_or(|alg| alg == algorithm.as_str())
}

fn fits_alg(alg: Option<&str>, fitting: &[Algorithm]) -> Result<(), Unusable> {
    if fitting.iter().any(|algorithm| names(alg, *algorithm)) {
        return Ok(());
    }
    // An unknown name is for someone else (ECDH-ES); one of ours on the wrong curve is a mistake.
    match alg.and_then(Algorithm::from_name) {
        Some(wrong) => Err(Unusable::broken(format!("`alg` {wrong} does not fit `kty` and `crv`"))),
        None => Err(Unusable::foreign("`alg` is no signature algorithm of this key")),
    }
}

fn required<'a>(jwk: &'a Map<String, Value>, name: &str) -> Result<&'a str, Unusable> {
    optional(jwk, name)?.ok_or_else(|| Unusable::broken(format!("`{name}` is missing")))
}

fn optional<'a>(jwk: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Unusable> {
    match jwk.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Unusable::broken(format!("`{name}` is not a string"))),
    }
}

fn member(jwk: &Map<String, Value>, name: &str) -> Result<Vec<u8>, Unusable> {
    base64url(required(jwk, name)?)
        .ok_or_else(|| Unusable::broken(format!("`{name}` is not base64url")))
}

/// RFC 7518 section 6.3.1.1 notes that some producers put a zero in front of a number.
fn unpadded(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

fn digest(kid: Option<&str>, verifiers: &[(Algorithm, ParsedPublicKey)]) -> [u8; 32] {
    let mut context = digest::Context::new(&SHA256);
    let mut add = |part: &[u8]| {
        context.update(&part.len().to_be_bytes()); // so that no two lists of parts read the same
        context.update(part);
    };
    add(&[kid.is_some().into()]);
    add(kid.unwrap_or_default().as_bytes());
    for (algorithm, key) in verifiers {
        add(algorithm.as_str().as_bytes());
        add(key.as_ref());
    }
    let mut sum = [0; 32];
    sum.copy_from_slice(context.finish().as_ref());
    sum
}
