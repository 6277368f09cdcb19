//! Single keys: what verifies, and what must not.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::minter::{MESSAGE, Pair, text, with};
use crate::{
    Algorithm::{self, *},
    jwks::key::{Key, Unusable},
};

const ALL: [Algorithm; 11] =
    [Rs256, Rs384, Rs512, Ps256, Ps384, Ps512, Es256, Es384, Es512, EdDsa, Ed25519];

fn parse(jwk: &Value) -> Result<Key, Unusable> {
    Key::parse(&jwk.to_string())
}

/// The reason why a key is not used.
fn reason(jwk: &Value) -> String {
    parse(jwk).expect_err("the key is usable").reason
}

fn fitting(jwk: &Value) -> Vec<Algorithm> {
    let key = parse(jwk).expect("the key is unusable");
    ALL.into_iter().filter(|algorithm| key.fits(*algorithm)).collect()
}

#[test]
fn each_algorithm_verifies_what_an_independent_minter_signed() {
    for algorithm in ALL {
        let pair = Pair::of(algorithm, 0);
        let signature = pair.sign();
        for jwk in [pair.published("k", algorithm), pair.jwk()] {
            let key = parse(&jwk).unwrap();
            assert!(key.verify(algorithm, MESSAGE, &signature), "{algorithm}: {jwk}");
        }
    }
}

#[test]
fn another_message_key_or_algorithm_does_not_verify() {
    for algorithm in ALL {
        let pair = Pair::of(algorithm, 0);
        let key = parse(&pair.published("k", algorithm)).unwrap();
        let signature = pair.sign();
        assert!(!key.verify(algorithm, &[MESSAGE, b"A"].concat(), &signature), "{algorithm}");
        assert!(!key.verify(algorithm, b"", &signature), "{algorithm}");
        for other in ALL.into_iter().filter(|other| *other != algorithm) {
            assert!(!key.verify(other, MESSAGE, &signature), "{algorithm} as {other}");
        }
        let stranger = parse(&Pair::of(algorithm, 1).published("k", algorithm)).unwrap();
        assert!(!stranger.verify(algorithm, MESSAGE, &signature), "{algorithm}");
    }
}

#[test]
fn a_signature_that_is_changed_or_of_another_length_does_not_verify() {
    for algorithm in ALL {
        let pair = Pair::of(algorithm, 0);
        let key = parse(&pair.published("k", algorithm)).unwrap();
        let good = pair.sign();
        assert!(key.verify(algorithm, MESSAGE, &good));
        let mut changed = good.clone();
        changed[good.len() / 2] ^= 1;
        let longer = [good.as_slice(), &[0]].concat();
        let padded = [&[0], good.as_slice()].concat();
        let shorter = &good[..good.len() - 1];
        for bad in [&changed, &longer, &padded, shorter, &[], &[0; 64], &vec![0; good.len()]] {
            assert!(!key.verify(algorithm, MESSAGE, bad), "{algorithm}: {} bytes", bad.len());
        }
    }
}

#[test]
fn an_ecdsa_signature_in_der_or_with_a_zero_half_does_not_verify() {
    for (algorithm, half) in [(Es256, 32), (Es384, 48), (Es512, 66)] {
        let pair = Pair::of(algorithm, 0);
        let key = parse(&pair.jwk()).unwrap();
        let (r, s) = (pair.sign()[..half].to_vec(), pair.sign()[half..].to_vec());
        let zero = vec![0; half];
        for (r, s) in [(&zero, &s), (&r, &zero), (&zero, &zero)] {
            assert!(!key.verify(algorithm, MESSAGE, &[r.as_slice(), s].concat()), "{algorithm}");
        }
        assert!(!key.verify(algorithm, MESSAGE, &der(&pair.sign(), half)), "{algorithm}");
    }
}

/// An ECDSA signature as ASN.1 has it.
fn der(signature: &[u8], half: usize) -> Vec<u8> {
    let integer = |number: &[u8]| {
        let bare: Vec<u8> = number.iter().copied().skip_while(|byte| *byte == 0).collect();
        let sign = if bare[0] > 127 { vec![0] } else { Vec::new() };
        let length = u8::try_from(sign.len() + bare.len()).unwrap();
        [vec![2, length], sign, bare].concat()
    };
    let (r, s) = signature.split_at(half);
    let body = [integer(r), integer(s)].concat();
    let length = u8::try_from(body.len()).unwrap();
    let header = if length > 127 { vec![0x30, 0x81, length] } else { vec![0x30, length] };
    [header, body].concat()
}

#[test]
fn the_examples_of_the_rfcs_verify() {
    let es256 = json!({"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"});
    let es512 = json!({"kty": "EC", "crv": "P-521",
        "x": "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk",
        "y": "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"});
    let ed =
        json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    for (jwk, algorithm, message, signature) in [
        // RFC 7515 appendix A.3
        (
            &es256,
            Es256,
            "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
        ),
        // RFC 7515 appendix A.4
        (
            &es512,
            Es512,
            "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA",
            "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn",
        ),
        // RFC 8037 appendix A.4
        (
            &ed,
            EdDsa,
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
        ),
    ] {
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        assert!(
            parse(jwk).unwrap().verify(algorithm, message.as_bytes(), &signature),
            "{algorithm}"
        );
    }
}

#[test]
fn a_key_with_alg_fits_that_algorithm_only() {
    for algorithm in ALL {
        assert_eq!(fitting(&Pair::of(algorithm, 0).published("k", algorithm)), [algorithm]);
    }
}

#[test]
fn a_key_without_alg_fits_what_its_type_and_curve_allow() {
    assert_eq!(fitting(&Pair::of(Rs256, 0).jwk()), [Rs256, Rs384, Rs512, Ps256, Ps384, Ps512]);
    assert_eq!(fitting(&Pair::of(Es256, 0).jwk()), [Es256]);
    assert_eq!(fitting(&Pair::of(Es384, 0).jwk()), [Es384]);
    assert_eq!(fitting(&Pair::of(Es512, 0).jwk()), [Es512]);
    assert_eq!(fitting(&Pair::of(EdDsa, 0).jwk()), [EdDsa, Ed25519]);
}

#[test]
fn a_key_for_something_else_is_no_key_here_and_no_mistake() {
    let rsa = || Pair::of(Rs256, 0).jwk();
    for jwk in [
        with(rsa(), json!({"use": "enc"})),
        with(rsa(), json!({"key_ops": ["encrypt"]})),
        with(rsa(), json!({"key_ops": []})),
        with(rsa(), json!({"use": "sig", "key_ops": ["encrypt"]})),
        with(rsa(), json!({"alg": "RSA-OAEP"})),
        with(rsa(), json!({"alg": "HS256"})),
        with(rsa(), json!({"alg": "none"})),
        with(rsa(), json!({"kty": "AKP"})),
        with(Pair::of(Es256, 0).jwk(), json!({"alg": "ECDH-ES"})),
        with(Pair::of(Es256, 0).jwk(), json!({"crv": "secp256k1"})),
        with(Pair::of(EdDsa, 0).jwk(), json!({"crv": "X25519"})),
    ] {
        assert!(!parse(&jwk).expect_err("the key is usable").broken, "{jwk}");
    }
}

#[test]
fn a_key_with_use_and_key_ops_for_signatures_is_used() {
    let jwk = with(Pair::of(EdDsa, 0).jwk(), json!({"use": "sig", "key_ops": ["sign", "verify"]}));
    assert_eq!(fitting(&jwk), [EdDsa, Ed25519]);
}

#[test]
fn a_broken_key_says_what_is_wrong() {
    let (rsa, ec, ed) =
        (Pair::of(Rs256, 0).jwk(), Pair::of(Es256, 0).jwk(), Pair::of(EdDsa, 0).jwk());
    let p384 = Pair::of(Es384, 0).jwk();
    for (jwk, part) in [
        (json!({}), "`kty` is missing"),
        (with(rsa.clone(), json!({"kid": 5})), "`kid`"),
        (with(rsa.clone(), json!({"use": 5})), "`use`"),
        (with(rsa.clone(), json!({"alg": ["RS256"]})), "`alg`"),
        (with(rsa.clone(), json!({"key_ops": "verify"})), "`key_ops`"),
        (with(rsa.clone(), json!({"key_ops": ["verify", 1]})), "`key_ops`"),
        (with(rsa.clone(), json!({"alg": "ES256"})), "`alg` ES256 does not fit"),
        (with(rsa.clone(), json!({"n": null})), "`n` is missing"),
        (with(rsa.clone(), json!({"n": "!!!"})), "`n` is not base64url"),
        (with(rsa.clone(), json!({"e": "AQAB="})), "`e` is not base64url"),
        (with(rsa.clone(), json!({"d": "AQAB"})), "private"),
        (with(ec.clone(), json!({"alg": "ES384"})), "`alg` ES384 does not fit"),
        (with(ec.clone(), json!({"crv": "P-384"})), "length"),
        (with(ec.clone(), json!({"x": p384["x"], "y": p384["y"]})), "length"),
        (with(ec.clone(), json!({"x": ec["y"], "y": ec["x"]})), "no point"),
        (with(ec.clone(), json!({"y": text(&[0; 32])})), "no point"),
        (with(ec, json!({"x": text(&[0; 32]), "y": text(&[0; 32])})), "no point"),
        (with(ed.clone(), json!({"x": text(&[1; 31])})), "32 bytes"),
        (with(ed.clone(), json!({"x": text(&[0; 32])})), "small order"),
        (with(ed, json!({"alg": "ES256"})), "`alg` ES256 does not fit"),
        (json!({"kty": "oct", "k": "c2VjcmV0"}), "symmetric"),
    ] {
        let why = reason(&jwk);
        assert!(why.contains(part), "{why}: {jwk}");
        assert!(parse(&jwk).unwrap_err().broken, "{jwk}");
    }
}

#[test]
fn what_is_no_object_or_names_a_member_twice_is_no_key() {
    for text in ["null", "[]", "\"RSA\"", "5", r#"{"kty":"OKP","kty":"OKP"}"#] {
        assert!(Key::parse(text).unwrap_err().broken, "{text}");
    }
}

#[test]
fn rsa_keys_out_of_bounds_are_refused() {
    let jwk = |n: &[u8], e: &[u8]| json!({"kty": "RSA", "n": text(n), "e": text(e)});
    let exponent = [1, 0, 1];
    let modulus = |length: usize| [vec![0xd3; length - 1], vec![0x35]].concat();
    assert!(parse(&jwk(&modulus(256), &exponent)).is_ok());
    assert!(parse(&jwk(&modulus(1024), &exponent)).is_ok());
    assert!(parse(&jwk(&[vec![0, 0], modulus(256)].concat(), &[0, 1, 0, 1])).is_ok());
    assert!(reason(&jwk(&modulus(255), &exponent)).contains("shorter than 2048"));
    assert!(reason(&jwk(&[vec![0x7f], modulus(255)].concat(), &exponent)).contains("shorter"));
    assert!(reason(&jwk(&[vec![0; 300], modulus(128)].concat(), &exponent)).contains("shorter"));
    assert!(reason(&jwk(&[], &exponent)).contains("shorter"));
    assert!(reason(&jwk(&modulus(1025), &exponent)).contains("longer than 8192"));
    let even = [modulus(255), vec![0x34]].concat();
    for (n, e) in [
        (&even, &exponent[..]),
        (&modulus(256), &[1]),
        (&modulus(256), &[2]),
        (&modulus(256), &[]),
        (&modulus(256), &[0]),
        (&modulus(256), &[5, 0, 0, 0, 1]),
    ] {
        assert!(reason(&jwk(n, e)).contains("cannot be of an RSA key"), "{e:?}");
    }
}

#[test]
fn two_keys_are_the_same_if_they_accept_the_same() {
    let pair = Pair::of(Es256, 0);
    let digest = |jwk: &Value| *parse(jwk).unwrap().digest();
    let one = pair.published("a", Es256);
    assert_eq!(digest(&one), digest(&with(one.clone(), json!({"use": null, "x5t": "abc"}))));
    assert_ne!(digest(&one), digest(&pair.published("b", Es256)));
    assert_ne!(digest(&one), digest(&with(one.clone(), json!({"kid": null}))));
    assert_ne!(digest(&one), digest(&Pair::of(Es256, 0).published("a", Es256)));
    let ed = Pair::of(EdDsa, 0);
    assert_ne!(digest(&ed.published("a", EdDsa)), digest(&ed.published("a", Ed25519)));
}
