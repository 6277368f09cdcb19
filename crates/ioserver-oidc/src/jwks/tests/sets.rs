//! Whole sets: what an answer is worth, and which key a header finds.

use serde_json::{Value, json};

use super::minter::{Pair, with};
use crate::{
    Algorithm::*,
    jwks::{
        failure::Failure,
        set::{KeySet, Miss, Parsed},
    },
};

fn parse(keys: &[Value]) -> Parsed {
    KeySet::parse(json!({ "keys": keys }).to_string().as_bytes(), 100).unwrap()
}

#[test]
fn a_bad_key_is_skipped_and_the_others_count() {
    let good = Pair::of(Es256, 0).published("good", Es256);
    let Parsed { set, skipped } = parse(&[
        Value::Null,
        json!(5),
        json!({}),
        json!({"kty": "unknown", "kid": "junk-1"}),
        json!({"kty": "RSA", "kid": "junk-2", "n": "!!!", "e": "AQAB", "alg": "RS256"}),
        json!({"kty": "oct", "kid": "junk-3", "k": "c2VjcmV0"}),
        json!({"kty": "EC", "kid": "junk-4", "crv": "P-000", "x": "AA", "y": "AA"}),
        json!({"kty": "OKP", "kid": 5, "use": 5, "key_ops": "x", "x5c": "x"}),
        good,
    ]);
    assert_eq!(set.keys().len(), 1);
    assert_eq!(set.find(Es256, Some("good")), Ok(0));
    let named: Vec<_> = skipped.iter().filter_map(|one| one.kid.as_deref()).collect();
    assert_eq!(skipped.len(), 8);
    assert_eq!(named, ["junk-1", "junk-2", "junk-3", "junk-4"]);
}

#[test]
fn what_is_no_set_is_refused() {
    for body in [
        "",
        "{",
        "null",
        "[]",
        r#"[[]]"#,
        r#"{"clefs":[]}"#,
        r#"{"keys":{}}"#,
        r#"{"keys":null}"#,
        r#"{"keys":[]} x"#,
        r#"{"keys":[],"keys":[]}"#,
        "\"keys\"",
        "<html>",
    ] {
        assert!(matches!(KeySet::parse(body.as_bytes(), 100), Err(Failure::NotASet)), "{body}");
    }
    assert!(matches!(KeySet::parse(b"{\"keys\":[\"\xff\"]}", 100), Err(Failure::NotASet)));
}

#[test]
fn an_empty_set_is_a_set() {
    assert!(KeySet::parse(br#" {"keys":[],"other":1}"#, 100).unwrap().set.keys().is_empty());
}

#[test]
fn more_keys_than_allowed_are_refused_usable_or_not() {
    let body = json!({"keys": vec![json!({}); 101]}).to_string();
    assert!(matches!(
        KeySet::parse(body.as_bytes(), 100),
        Err(Failure::TooManyKeys { keys: 101, most: 100 })
    ));
    assert!(KeySet::parse(body.as_bytes(), 101).is_ok());
}

#[test]
fn a_kid_finds_its_key_and_no_other() {
    let set = parse(&[
        Pair::of(Es256, 0).published("a", Es256),
        Pair::of(Es256, 0).published("b", Es256),
        with(Pair::of(Es384, 0).jwk(), json!({"alg": "ES384"})),
    ])
    .set;
    assert_eq!(set.find(Es256, Some("b")), Ok(1));
    for (algorithm, kid) in [(Es256, "c"), (Es256, "A"), (Es256, ""), (Es384, "a"), (Rs256, "a")] {
        assert_eq!(set.find(algorithm, Some(kid)), Err(Miss::NoMatch), "{algorithm} {kid}");
    }
}

#[test]
fn without_kid_only_a_key_that_alone_fits_is_found() {
    let set = parse(&[
        Pair::of(Es256, 0).published("a", Es256),
        Pair::of(Es384, 0).published("b", Es384),
        Pair::of(Es384, 0).published("c", Es384),
    ])
    .set;
    assert_eq!(set.find(Es256, None), Ok(0));
    assert_eq!(set.find(Es384, None), Err(Miss::Several));
    assert_eq!(set.find(Es512, None), Err(Miss::NoMatch));
}

#[test]
fn of_two_keys_with_one_kid_the_one_that_fits_is_found() {
    let (rsa, ec) = (Pair::of(Rs256, 0), Pair::of(Es256, 0));
    let set = parse(&[rsa.published("a", Rs256), ec.published("a", Es256)]).set;
    assert_eq!(set.find(Es256, Some("a")), Ok(1));
    let set = parse(&[ec.published("a", Es256), Pair::of(Es256, 0).published("a", Es256)]).set;
    assert_eq!(set.find(Es256, Some("a")), Err(Miss::Several));
}

#[test]
fn the_old_and_the_new_name_of_ed25519_do_not_fit_each_other() {
    let set = parse(&[
        Pair::of(EdDsa, 0).published("old", EdDsa),
        Pair::of(Ed25519, 0).published("new", Ed25519),
    ])
    .set;
    assert_eq!(set.find(EdDsa, Some("old")), Ok(0));
    assert_eq!(set.find(Ed25519, Some("new")), Ok(1));
    assert_eq!(set.find(Ed25519, Some("old")), Err(Miss::NoMatch));
    assert_eq!(set.find(EdDsa, Some("new")), Err(Miss::NoMatch));
}

#[test]
fn sets_are_the_same_in_any_order_and_no_two_generations_are() {
    let (a, b) =
        (Pair::of(Es256, 0).published("a", Es256), Pair::of(Es256, 0).published("b", Es256));
    let one = parse(&[a.clone(), b.clone()]).set;
    let two = parse(&[b.clone(), Value::Null, a.clone()]).set;
    assert!(one.is_same(&two));
    assert_ne!(one.generation(), two.generation());
    for other in [vec![a.clone()], vec![a.clone(), a, b], vec![]] {
        assert!(!one.is_same(&parse(&other).set));
    }
}
