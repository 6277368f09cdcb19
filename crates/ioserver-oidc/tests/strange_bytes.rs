//! Whatever bytes strangers send: never a panic, and nobody gets in who was not signed in.
//!
//! The corpora are replayed as they are; the generators make new cases in each run, and more of
//! them with `PROPTEST_CASES`. A case that they find goes into the corpora.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::time::{SystemTime, UNIX_EPOCH};

use ioserver_oidc::{
    Algorithm, OidcConfig, OidcError, OidcUserContext, Profile, TokenFault,
    testing::{AuthService, SigningKey},
    verify_oidc_token,
};
use proptest::{collection::vec, prelude::*, test_runner::TestRunner};
use serde_json::{Map, Value, json};
use tokio::runtime::{Builder, Runtime};

/// An auth-service whose only key is `key-1`, and apps of both profiles that trust it.
struct Lab {
    runtime: Runtime,
    auth: AuthService,
    configs: [OidcConfig; 2],
}

impl Lab {
    fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let auth = runtime.block_on(AuthService::start()).unwrap();
        let configs = [Profile::Compatible, Profile::Strict].map(|profile| {
            let mut config = auth.config();
            config.profile = profile;
            config
        });
        let lab = Self { runtime, auth, configs };
        assert!(lab.verify(&lab.auth.mint("user-1").token()).is_some(), "a good one gets in");
        lab
    }

    /// Who gets in, if anybody: what passes the strict profile passes the other one.
    fn verify(&self, token: &str) -> Option<OidcUserContext> {
        let [compatible, strict] = &self.configs;
        let user = self.judge(token, compatible).ok();
        assert!(user.is_some() || self.judge(token, strict).is_err(), "strict let it in");
        user
    }

    fn judge(&self, token: &str, config: &OidcConfig) -> Result<OidcUserContext, TokenFault> {
        match self.runtime.block_on(verify_oidc_token(token, config)) {
            Ok(user) => Ok(user),
            Err(OidcError::InvalidToken(fault)) => Err(fault),
            Err(other) => panic!("{other}"),
        }
    }

    fn claims(&self) -> Value {
        json!({
            "iss": self.auth.url(), "aud": AuthService::AUDIENCE, "sub": "user-1",
            "exp": 9_999_999_999_u64
        })
    }

    /// Claims under a good header and a good signature.
    fn signed(&self, claims: impl AsRef<[u8]>) -> String {
        self.auth.key().sign(r#"{"alg":"EdDSA","kid":"key-1"}"#, claims)
    }
}

fn check<S: Strategy>(cases: &S, holds: impl Fn(S::Value)) {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let holds = |case| {
        holds(case);
        Ok(())
    };
    TestRunner::new(config).run(cases, holds).unwrap_or_else(|error| panic!("{error}"));
}

fn lines(corpus: &str) -> impl Iterator<Item = &str> {
    corpus.lines().filter(|line| !line.starts_with('#'))
}

#[test]
fn no_text_is_a_token_by_chance() {
    let lab = Lab::new();
    for text in lines(include_str!("corpora/tokens.txt")) {
        assert!(lab.verify(text).is_none(), "{text}");
    }
    let part = || "[A-Za-z0-9_=+/-]{0,120}";
    let parts = (part(), part(), part()).prop_map(|(a, b, c)| format!("{a}.{b}.{c}"));
    let json = (any_json(), any_json(), vec(any::<u8>(), 0..80))
        .prop_map(|(header, claims, signature)| encoded(&header, &claims, &signature));
    check(&prop_oneof![any::<String>(), parts, json], |text| {
        assert!(lab.verify(&text).is_none());
    });
}

#[test]
fn a_good_token_that_is_changed_anywhere_stays_out() {
    let lab = Lab::new();
    let good = lab.auth.mint("user-1").token();
    check(&(edits(), any::<bool>()), |(edits, remembered)| {
        if remembered {
            assert!(lab.verify(&good).is_some());
        }
        let changed = edited(good.as_bytes(), &edits);
        let changed = String::from_utf8_lossy(&changed);
        assert!(changed == good || lab.verify(&changed).is_none());
    });
}

#[test]
fn a_signed_token_with_a_strange_header_gets_in_by_the_rules_only() {
    let lab = Lab::new();
    let claims = lab.claims().to_string();
    for header in lines(include_str!("corpora/headers.txt")) {
        let token = lab.auth.key().sign(header, &claims);
        assert!(lab.verify(&token).is_none(), "{header}");
    }
    let good = json!({ "alg": "EdDSA", "kid": "key-1" });
    let names = &["alg", "kid", "typ", "crit", "b64", "jwk", "jku", "x5c", "cty", "zip"];
    check(&altered(good, names), |header| {
        let token = lab.auth.key().sign(header.to_string(), &claims);
        if lab.verify(&token).is_some() {
            assert!(header["alg"] == "EdDSA", "{header}");
            assert!(header.get("kid").is_none_or(|kid| kid == "key-1"), "{header}");
            assert!(header.get("crit").is_none() && header.get("b64").is_none(), "{header}");
        }
    });
}

#[test]
fn signed_claims_get_in_by_the_rules_only() {
    let lab = Lab::new();
    for claims in lines(include_str!("corpora/claims.txt")) {
        let claims = claims.replace("ISSUER", lab.auth.url());
        assert!(lab.verify(&lab.signed(&claims)).is_none(), "{claims}");
    }
    let names = &["iss", "aud", "sub", "exp", "nbf", "iat", "cnf", "azp", "roles", "features"];
    check(&altered(lab.claims(), names), |claims| {
        if let Some(user) = lab.verify(&lab.signed(claims.to_string())) {
            assert_obeys(&claims, &user, lab.auth.url());
        }
    });
    check(&vec(any::<u8>(), 0..200), |bytes| assert!(lab.verify(&lab.signed(bytes)).is_none()));
}

/// Signed bytes that two readers could read differently are where checks are undone.
#[test]
fn what_gets_in_is_read_as_any_other_reader_reads_it() {
    let lab = Lab::new();
    let good = lab.claims().to_string();
    check(&edits(), |edits| {
        let text = edited(good.as_bytes(), &edits);
        if let Some(user) = lab.verify(&lab.signed(&text)) {
            let claims = serde_json::from_slice(&text).unwrap();
            assert_obeys(&claims, &user, lab.auth.url());
        }
    });
}

#[test]
fn no_answer_of_a_key_endpoint_lets_a_stranger_in() {
    let lab = Lab::new();
    let stranger = SigningKey::generate("key-1", Algorithm::EdDsa);
    let token = lab.auth.mint("user-1").signed_by(&stranger).token();
    let keys = lab.configs[0].keys().unwrap();
    let is_kept_out = |body: &[u8]| {
        lab.auth.publish_text(body);
        // Whether it is a set or not: a set without usable keys is one, too.
        drop(lab.runtime.block_on(keys.refresh()));
        let judged = lab.runtime.block_on(verify_oidc_token(&token, &lab.configs[0]));
        assert!(judged.is_err(), "{}", String::from_utf8_lossy(body));
    };
    for body in lines(include_str!("corpora/key-sets.txt")) {
        is_kept_out(body.as_bytes());
    }
    let good = json!({ "keys": [
        lab.auth.key().jwk(),
        SigningKey::generate("ec", Algorithm::Es256).jwk(),
        SigningKey::generate("rsa", Algorithm::Rs256).jwk(),
    ]});
    let damaged = edits().prop_map(move |edits| edited(good.to_string().as_bytes(), &edits));
    let names = &["kty", "crv", "x", "y", "n", "e", "alg", "kid", "use", "key_ops", "d"];
    let strange = altered(lab.auth.key().jwk(), names)
        .prop_map(|jwk| json!({ "keys": [jwk] }).to_string().into_bytes());
    check(&prop_oneof![damaged, strange, vec(any::<u8>(), 0..300)], |body| is_kept_out(&body));
}

/// RFC 7519 section 4.1, said once more.
fn assert_obeys(claims: &Value, user: &OidcUserContext, issuer: &str) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    let audience = json!(AuthService::AUDIENCE);
    let named = claims["aud"].as_array().is_some_and(|all| all.contains(&audience));
    assert_eq!(claims["iss"], issuer);
    assert!(claims["aud"] == audience || named, "{claims}");
    assert!(claims["exp"].as_f64().unwrap() > now - 1.0, "{claims}");
    assert!(claims.get("nbf").is_none_or(|nbf| nbf.as_f64().unwrap() <= now), "{claims}");
    assert!(claims.get("iat").is_none_or(Value::is_number), "{claims}");
    assert!(claims.get("cnf").is_none(), "{claims}");
    assert_eq!(claims["sub"], user.sub.as_str());
    assert!(!user.sub.is_empty(), "{claims}");
}

fn encoded(header: &Value, claims: &Value, signature: &[u8]) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!("EdDSA")),
        Just(json!("key-1")),
        Just(json!(AuthService::AUDIENCE)),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec(("[a-z0-9]{0,4}", inner), 0..4)
                .prop_map(|members| Value::from(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A good object with a few of these members replaced, added or taken away.
fn altered(good: Value, names: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let change = (proptest::sample::select(names), proptest::option::of(any_json()));
    vec(change, 0..4).prop_map(move |changes| {
        let mut object = good.as_object().unwrap().clone();
        for (name, value) in changes {
            match value {
                Some(value) => drop(object.insert(name.to_owned(), value)),
                None => drop(object.shift_remove(name)),
            }
        }
        Value::from(object)
    })
}

#[derive(Clone, Debug)]
enum Edit {
    Replace(u8),
    Insert(u8),
    Remove,
    Cut,
    Repeat(usize),
}

type Edits = Vec<(proptest::sample::Index, Edit)>;

/// A few changes, each somewhere.
fn edits() -> impl Strategy<Value = Edits> {
    let byte = || prop_oneof![any::<u8>(), b' '..=b'~'];
    let edit = prop_oneof![
        4 => byte().prop_map(Edit::Replace),
        2 => byte().prop_map(Edit::Insert),
        2 => Just(Edit::Remove),
        1 => Just(Edit::Cut),
        1 => (1..40_usize).prop_map(Edit::Repeat),
    ];
    vec((any::<proptest::sample::Index>(), edit), 1..4)
}

fn edited(text: &[u8], edits: &Edits) -> Vec<u8> {
    let mut text = text.to_vec();
    for (place, edit) in edits {
        if text.is_empty() {
            break;
        }
        let place = place.index(text.len());
        match edit {
            Edit::Replace(byte) => text[place] = *byte,
            Edit::Insert(byte) => text.insert(place, *byte),
            Edit::Remove => drop(text.remove(place)),
            Edit::Cut => text.truncate(place),
            Edit::Repeat(count) => {
                let part = text[place..].iter().copied().take(*count).collect::<Vec<_>>();
                text.splice(place..place, part);
            }
        }
    }
    text
}
