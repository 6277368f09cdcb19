//! What an attacker may send, and the reason for which it is refused. The groups are those of RFC
//! 8725 section 2 and of what other verifiers got wrong.

mod support;

use base64::{
    Engine,
    engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD},
};
use ioserver_oidc::{
    OidcConfig,
    TokenFault::{self, *},
};
use serde_json::{Value, json};
use support::{AUDIENCE, Issuer, Pair, base64url, fault, now, with};
use tokio::net::TcpListener;

/// An issuer with a few keys, and an app that trusts it.
struct Lab {
    issuer: Issuer,
    config: OidcConfig,
    rsa: Pair,
    ec: Pair,
    ed: Pair,
}

impl Lab {
    async fn new() -> Self {
        Self::publishing(|_| {}).await
    }

    async fn publishing(change: impl FnOnce(&mut Vec<Value>)) -> Self {
        let (rsa, ec, ed) = (Pair::rsa("rsa", "RS256"), Pair::es256("ec"), Pair::ed25519("ed"));
        let mut keys = vec![rsa.jwk(), ec.jwk(), ed.jwk()];
        change(&mut keys);
        let issuer = Issuer::start(&keys).await;
        let config = issuer.config();
        Self { issuer, config, rsa, ec, ed }
    }

    fn claims(&self) -> Value {
        self.issuer.claims()
    }

    /// A good token.
    fn good(&self) -> String {
        self.ed.token(&self.claims())
    }

    async fn refuses(&self, token: &str, why: TokenFault, what: &str) {
        assert_eq!(fault(token, &self.config).await, Some(why), "{what}");
    }

    /// A token whose header has these members.
    async fn refuses_header(&self, members: Value, why: TokenFault) {
        let token = self.ed.token_with(members.clone(), &self.claims());
        self.refuses(&token, why, &members.to_string()).await;
    }

    /// A token whose claims have these members.
    async fn refuses_claims(&self, members: Value, why: TokenFault) {
        let token = self.ed.token(&with(self.claims(), members.clone()));
        self.refuses(&token, why, &members.to_string()).await;
    }

    async fn accepts(&self, token: &str, what: &str) {
        assert_eq!(fault(token, &self.config).await, None, "{what}");
    }
}

#[tokio::test]
async fn good_tokens_pass_whatever_signed_them() {
    let (p521, pss) = (Pair::es512("p521"), Pair::rsa("pss", "PS384"));
    let lab = Lab::publishing(|keys| keys.extend([p521.jwk(), pss.jwk()])).await;
    for pair in [&lab.rsa, &lab.ec, &lab.ed, &p521, &pss] {
        lab.accepts(&pair.token(&lab.claims()), pair.alg).await;
    }
    let listed = with(lab.claims(), json!({ "aud": ["other", AUDIENCE] }));
    lab.accepts(&lab.ed.token(&listed), "a list of audiences").await;
}

#[tokio::test]
async fn unsigned_tokens_are_refused() {
    let lab = Lab::new().await;
    let claims = lab.claims();
    for none in ["none", "None", "NONE", "nOnE", "", "HS256", "HS512", "XX256", "rs256", " RS256"] {
        let signed = lab.rsa.token_with(json!({ "alg": none }), &claims);
        lab.refuses(&signed, Algorithm, none).await;
        let (unsigned, _) = signed.rsplit_once('.').unwrap();
        lab.refuses(&format!("{unsigned}."), Algorithm, none).await;
    }
    for alg in [json!(null), json!(5), json!(["RS256"]), json!({ "RS256": 1 }), json!(true)] {
        let header = json!({ "alg": alg, "kid": "rsa" }).to_string();
        lab.refuses(&lab.rsa.sign(&header, claims.to_string()), Algorithm, &header).await;
    }
    lab.refuses_header(json!({ "alg": null }), Algorithm).await;
    let token = lab.rsa.token(&claims);
    let (signed, _) = token.rsplit_once('.').unwrap();
    lab.refuses(&format!("{signed}."), Signature, "the signature is cut off").await;
}

#[tokio::test]
async fn the_key_decides_the_algorithm_and_not_the_token() {
    // RFC 8725 section 2.1: the public key, which everyone has, as the secret of an HMAC.
    let secret = json!({ "kty": "oct", "kid": "oct", "alg": "HS256", "k": base64url("secret") });
    let lab = Lab::publishing(|keys| keys.push(secret)).await;
    let claims = lab.claims();
    let public = lab.rsa.jwk()["n"].as_str().unwrap().to_owned();
    for secret in [public.as_bytes(), b"secret", b""] {
        let key = jsonwebtoken::EncodingKey::from_secret(secret);
        let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
        for kid in ["rsa", "oct"] {
            header.kid = Some(kid.into());
            let token = jsonwebtoken::encode(&header, &claims, &key).unwrap();
            lab.refuses(&token, Algorithm, kid).await;
        }
    }
    let relabelled = json!({ "alg": "RS256", "kid": "oct" }).to_string();
    let token = lab.rsa.sign(&relabelled, claims.to_string());
    lab.refuses(&token, NoMatchingKey, "the id of a symmetric key").await;
    // RFC 8725 section 3.1: each key is for one algorithm.
    for alg in ["RS384", "RS512", "PS256", "PS512"] {
        let header = json!({ "alg": alg, "kid": "rsa" }).to_string();
        let token = lab.rsa.sign_as(alg, &header, claims.to_string());
        lab.refuses(&token, NoMatchingKey, alg).await;
    }
    lab.refuses_header(json!({ "alg": "Ed25519" }), NoMatchingKey).await; // the key says EdDSA
    lab.refuses_header(json!({ "alg": "ES256" }), NoMatchingKey).await;
}

#[tokio::test]
async fn keys_that_are_not_for_signatures_are_not_used() {
    let jwk = |kid: &str, members: Value| {
        let mut jwk = with(Pair::rsa("rsa", "RS256").jwk(), members);
        jwk["kid"] = kid.into();
        jwk
    };
    let small = base64url([0xc5; 128]); // 1024 bits
    let lab = Lab::publishing(|keys| {
        keys.extend([
            jwk("enc", json!({ "use": "enc" })),
            jwk("ops", json!({ "use": "-", "key_ops": ["encrypt"] })),
            jwk("small", json!({ "n": small })),
        ]);
    })
    .await;
    for kid in ["enc", "ops", "small"] {
        let token = lab.rsa.token_with(json!({ "kid": kid }), &lab.claims());
        lab.refuses(&token, NoMatchingKey, kid).await;
    }
}

#[tokio::test]
async fn a_published_key_that_is_nobodys_lets_nobody_in() {
    // Of order 1 and 4: the first accepts any message under a signature that everyone knows.
    let jwk = |kid: &str, first: u8| {
        let x = [[first].as_slice(), &[0; 31]].concat();
        json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": base64url(x) })
    };
    let lab = Lab::publishing(|keys| keys.extend([jwk("one", 1), jwk("four", 0)])).await;
    let signature = base64url([[1].as_slice(), &[0; 63]].concat());
    for kid in ["one", "four"] {
        let token = lab.ed.token_with(json!({ "kid": kid }), &lab.claims());
        let (signed, _) = token.rsplit_once('.').unwrap();
        lab.refuses(&format!("{signed}.{signature}"), NoMatchingKey, kid).await;
    }
}

#[tokio::test]
async fn a_kid_names_a_published_key_or_nothing() {
    let lab = Lab::new().await;
    let huge = "k".repeat(8000);
    for kid in ["nope", "", "../../../dev/null", "' OR 1=1 --", "ec", "RSA", huge.as_str()] {
        let token = lab.rsa.token_with(json!({ "kid": kid }), &lab.claims());
        lab.refuses(&token, NoMatchingKey, kid).await;
    }
    for kid in [json!(5), json!(["rsa"]), json!({ "rsa": 1 }), json!(false)] {
        let header = json!({ "alg": "RS256", "kid": kid }).to_string();
        lab.refuses(&lab.rsa.sign(&header, lab.claims().to_string()), Header, &header).await;
    }
    let header = json!({ "alg": "RS256", "kid": null }).to_string();
    lab.refuses(&lab.rsa.sign(&header, lab.claims().to_string()), Header, "kid null").await;
}

#[tokio::test]
async fn without_kid_only_a_key_that_alone_fits_counts() {
    let second = Pair::es256("second");
    let lab = Lab::publishing(|keys| keys.push(second.jwk())).await;
    let anonymous = |pair: &Pair| pair.token_with(json!({ "kid": null }), &lab.claims());
    lab.accepts(&anonymous(&lab.rsa), "one RS256 key").await;
    lab.refuses(&anonymous(&lab.ec), SeveralMatchingKeys, "two ES256 keys").await;
}

#[tokio::test]
async fn only_the_named_keys_signature_is_right() {
    let lab = Lab::new().await;
    let claims = lab.claims();
    let stranger = Pair::stranger("rsa");
    lab.refuses(&stranger.token(&claims), Signature, "another key under a known id").await;
    let good = lab.ec.token(&claims);
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let raw = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let der = [&[0x30, 0x44, 0x02, 0x20], &raw[..32], &[0x02, 0x20], &raw[32..]].concat();
    for (forged, what) in [
        (vec![0; 64], "CVE-2022-21449: zeros"),
        (der, "DER instead of the two numbers"),
        (raw[..63].to_vec(), "cut off"),
        ([&raw[..], &[0]].concat(), "too long"),
        (vec![], "nothing"),
        ([&raw[32..], &raw[..32]].concat(), "the numbers swapped"),
    ] {
        let token = format!("{signed}.{}", base64url(forged));
        lab.refuses(&token, Signature, what).await;
    }
}

#[tokio::test]
async fn keys_and_addresses_in_the_header_are_neither_used_nor_asked() {
    let lab = Lab::new().await;
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/jwks", elsewhere.local_addr().unwrap());
    let own = Pair::stranger("rsa");
    for members in [
        json!({ "jwk": own.jwk(), "kid": "mine" }),
        json!({ "jku": address, "kid": "mine" }),
        json!({ "x5u": address, "kid": "mine" }),
        json!({ "x5c": ["MIIB"], "kid": "mine" }),
    ] {
        let token = own.token_with(members.clone(), &lab.claims());
        lab.refuses(&token, NoMatchingKey, &members.to_string()).await;
    }
    for members in
        [json!({ "jwk": own.jwk() }), json!({ "jku": address }), json!({ "x5u": address })]
    {
        let token = own.token_with(members.clone(), &lab.claims());
        lab.refuses(&token, Signature, &members.to_string()).await;
        let token = lab.rsa.token_with(members.clone(), &lab.claims());
        lab.accepts(&token, "they do not spoil a good token either").await;
    }
    let asked = std::future::poll_fn(|context| {
        std::task::Poll::Ready(elsewhere.poll_accept(context).is_ready())
    });
    assert!(!asked.await, "somebody connected to the address in the token");
}

#[tokio::test]
async fn a_token_has_one_spelling() {
    let lab = Lab::new().await;
    let good = lab.rsa.token(&lab.claims());
    let parts: Vec<&str> = good.split('.').collect();
    let [header, payload, signature] = parts[..] else { panic!("{good}") };
    let padded = |part: &str| URL_SAFE.encode(URL_SAFE_NO_PAD.decode(part).unwrap());
    for (token, why, what) in [
        (format!("{header}.{payload}"), NotThreeParts, "two parts"),
        (format!("{good}."), NotThreeParts, "four parts"),
        (format!("{header}.{payload}.x.y.{signature}"), NotThreeParts, "a JWE's five parts"),
        (String::new(), NotThreeParts, "nothing"),
        ("lyCHQstHmKfpjQzZFoNnjswiPYoxkSxt".into(), NotThreeParts, "an opaque token"),
        (json!({ "payload": payload, "signatures": [] }).to_string(), NotThreeParts, "JSON form"),
        (format!("..{signature}"), Header, "empty parts"),
        (format!("{header}.{payload}.{}", padded(signature)), Encoding, "padding"),
        (format!("{header}.{payload}.{signature} "), Encoding, "a blank behind"),
        (format!("{header}.{payload}.{signature}\n"), Encoding, "a line's end behind"),
        (format!(" {good}"), Encoding, "a blank in front"),
        (format!("{}.{payload}.{signature}", &header[1..]), Encoding, "a character less"),
        (format!("{header}.{payload}.{}+/A", &signature[3..]), Encoding, "the other alphabet"),
        (format!("{header}.{payload}.é{signature}"), Encoding, "no ASCII"),
        (format!("{header}.{payload}.{}", &signature[4..]), Signature, "a shorter signature"),
        (format!("{header}.{}.{signature}", base64url("{}")), Signature, "another payload"),
    ] {
        lab.refuses(&token, why, what).await;
    }
    lab.accepts(&good, "the token itself").await;
}

#[tokio::test]
async fn no_character_of_a_token_may_be_changed_left_out_or_doubled() {
    let lab = Lab::new().await;
    let good = lab.ed.token(&lab.claims());
    lab.accepts(&good, "the token itself").await;
    for (index, character) in good.char_indices() {
        let (before, after) = (&good[..index], &good[index + 1..]);
        let other = if character == 'A' { 'B' } else { 'A' };
        for forged in [
            format!("{before}{other}{after}"),
            format!("{before}{after}"),
            format!("{before}{character}{character}{after}"),
            format!("{before}\0{after}"),
        ] {
            assert!(fault(&forged, &lab.config).await.is_some(), "at {index}: {forged}");
        }
    }
}

#[tokio::test]
async fn unused_bits_of_the_last_character_are_no_second_spelling() {
    let lab = Lab::new().await;
    let good = lab.ec.token(&lab.claims()); // 64 bytes leave four bits unused
    let last = good.chars().last().unwrap();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let index = alphabet.find(last).unwrap();
    let other = alphabet.as_bytes()[index | 1] as char;
    assert_ne!(last, other);
    let forged = format!("{}{other}", &good[..good.len() - 1]);
    lab.refuses(&forged, Encoding, "the same signature in another spelling").await;
}

#[tokio::test]
async fn extensions_are_refused_since_none_is_understood() {
    let lab = Lab::new().await;
    for members in [
        json!({ "crit": ["exp"], "exp": 1 }),
        json!({ "crit": ["b64"], "b64": true }),
        json!({ "crit": ["b64"], "b64": false }),
        json!({ "crit": [] }),
        json!({ "crit": "b64" }),
        json!({ "crit": ["alg"] }),
        json!({ "crit": ["http://example.com/not-there"] }),
        json!({ "b64": false }),
        json!({ "b64": true }),
    ] {
        lab.refuses_header(members, CriticalHeader).await;
    }
}

#[tokio::test]
async fn tokens_that_say_they_are_of_another_kind_are_refused() {
    let lab = Lab::new().await;
    for typ in [
        "logout+jwt",
        "dpop+jwt",
        "secevent+jwt",
        "application/secevent+jwt",
        "LOGOUT+JWT",
        "oauth-authz-req+jwt",
        "token-introspection+jwt",
        "entity-statement+jwt",
        "kb+jwt",
        "dc+sd-jwt",
        "id_token",
    ] {
        lab.refuses_header(json!({ "typ": typ }), Type).await;
    }
    for typ in
        [json!("JWT"), json!("at+jwt"), json!("application/at+jwt"), json!("whatever"), json!(5)]
    {
        let token = lab.ed.token_with(json!({ "typ": typ }), &lab.claims());
        lab.accepts(&token, &typ.to_string()).await;
    }
    let token = lab.ed.token_with(json!({ "cty": "JWT", "zip": "DEF" }), &lab.claims());
    lab.accepts(&token, "members without a meaning in a JWS").await;
}

#[tokio::test]
async fn times_are_numbers_and_expiry_is_required() {
    let lab = Lab::new().await;
    let now = now();
    for exp in [json!("9999999999"), json!(null), json!([now + 60]), json!(true), json!("-")] {
        lab.refuses_claims(json!({ "exp": exp }), Expiry).await;
    }
    for exp in [json!(now - 1), json!(now), json!(-1), json!(0), json!(-1e300)] {
        lab.refuses_claims(json!({ "exp": exp }), Expired).await;
    }
    for nbf in [json!("1"), json!(null), json!([])] {
        lab.refuses_claims(json!({ "nbf": nbf }), NotBefore).await;
    }
    lab.refuses_claims(json!({ "nbf": now + 60 }), NotYetValid).await;
    for iat in [json!("yesterday"), json!(null)] {
        lab.refuses_claims(json!({ "iat": iat }), IssuedAt).await;
    }
    let endless = lab.claims().to_string().replacen("\"exp\":", "\"exp\":1e400,\"x\":", 1);
    let header = json!({ "alg": "EdDSA", "kid": "ed" }).to_string();
    lab.refuses(&lab.ed.sign(&header, endless), Claims, "exp 1e400").await;
    for fine in [
        json!({ "exp": 1e300 }),
        json!({ "exp": now as f64 + 60.5 }),
        json!({ "nbf": now }),
        json!({ "iat": now + 3600 }),
        json!({ "iat": 1 }),
        json!({ "iat": "-" }),
    ] {
        lab.accepts(&lab.ed.token(&with(lab.claims(), fine.clone())), &fine.to_string()).await;
    }
}

#[tokio::test]
async fn the_clock_tolerance_is_as_wide_as_it_is_set() {
    let mut lab = Lab::new().await;
    lab.config.clock_tolerance = std::time::Duration::from_secs(60);
    let now = now();
    for fine in [json!({ "exp": now - 30 }), json!({ "nbf": now + 30 })] {
        lab.accepts(&lab.ed.token(&with(lab.claims(), fine.clone())), &fine.to_string()).await;
    }
    lab.refuses_claims(json!({ "exp": now - 90 }), Expired).await;
    lab.refuses_claims(json!({ "nbf": now + 90 }), NotYetValid).await;
}

#[tokio::test]
async fn issuer_audience_and_subject_are_exact() {
    let lab = Lab::new().await;
    let url = lab.issuer.url.clone();
    for iss in [
        json!("https://evil.example"),
        json!(format!("{url}/")),
        json!(url.to_uppercase()),
        json!([url]),
        json!(5),
        json!(null),
        json!("-"),
        json!(""),
    ] {
        lab.refuses_claims(json!({ "iss": iss }), TokenFault::Issuer).await;
    }
    for aud in [
        json!("other"),
        json!(null),
        json!("-"),
        json!([]),
        json!(5),
        json!({ "0": AUDIENCE }),
        json!([5, null, AUDIENCE]),
        json!([[AUDIENCE]]),
        json!(format!("{AUDIENCE}/")),
        json!(format!("{AUDIENCE}.evil.example")),
        json!(AUDIENCE.to_uppercase()),
        json!(""),
        json!(support::SLUG),
    ] {
        lab.refuses_claims(json!({ "aud": aud }), Audience).await;
    }
    for sub in [json!(42), json!(""), json!(null), json!("-"), json!(["user-1"]), json!({})] {
        lab.refuses_claims(json!({ "sub": sub }), Subject).await;
    }
}

#[tokio::test]
async fn a_token_bound_to_a_key_is_no_bearer_token() {
    let lab = Lab::new().await;
    for cnf in [json!({ "jkt": "x" }), json!({ "x5t#S256": "x" }), json!({}), json!(null)] {
        lab.refuses_claims(json!({ "cnf": cnf }), SenderConstrained).await;
    }
}

#[tokio::test]
async fn json_is_an_object_with_each_name_once() {
    let lab = Lab::new().await;
    let header = json!({ "alg": "EdDSA", "kid": "ed" }).to_string();
    let claims = lab.claims().to_string();
    let first = |text: &str| claims.replacen('{', text, 1);
    for (payload, why) in [
        (first("{\"aud\":\"other\","), DuplicateMember),
        (first("{\"scope\":\"admin\","), DuplicateMember),
        (first("{\"x\":{\"a\":1,\"a\":2},"), DuplicateMember),
        (first("{\"x\":[{\"a\":1,\"\\u0061\":2}],"), DuplicateMember),
        (format!("[{claims}]"), Claims),
        ("\"x\"".into(), Claims),
        ("null".into(), Claims),
        (String::new(), Claims),
        (format!("{claims}{claims}"), Claims),
        (format!("\u{feff}{claims}"), Claims),
        (claims.replacen('{', "{'a':1,", 1), Claims),
        (first(&format!("{{\"x\":{}{},", "[".repeat(2000), "]".repeat(2000))), Claims),
    ] {
        lab.refuses(&lab.ed.sign(&header, &payload), why, &payload[..40.min(payload.len())]).await;
    }
    let latin1 = [claims.replacen('}', "", 1).as_bytes(), b",\"x\":\"\xe9\"}"].concat();
    lab.refuses(&lab.ed.sign(&header, latin1), Claims, "no UTF-8").await;
    for (header, why) in [
        ("{\"alg\":\"none\",\"alg\":\"EdDSA\",\"kid\":\"ed\"}", DuplicateMember),
        ("{\"alg\":\"EdDSA\",\"kid\":\"x\",\"kid\":\"ed\"}", DuplicateMember),
        ("[\"alg\",\"EdDSA\"]", Header),
        ("not json", Header),
        ("\"EdDSA\"", Header),
        ("null", Header),
        ("{}", Algorithm),
    ] {
        lab.refuses(&lab.ed.sign(header, &claims), why, header).await;
    }
}

#[tokio::test]
async fn a_token_that_is_too_long_is_not_even_read() {
    let mut lab = Lab::new().await;
    let token = lab.ed.token(&with(lab.claims(), json!({ "x": "x".repeat(13_000) })));
    lab.refuses(&token, TooLong, "17 kB").await;
    lab.config.max_token_bytes = 32 * 1024;
    lab.accepts(&token, "the limit is an option").await;
    assert_eq!(fault(&".".repeat(5_000_000), &lab.config).await, Some(TooLong));
}

#[tokio::test]
async fn what_a_header_gives_away_causes_no_request() {
    let lab = Lab::new().await;
    for members in [json!({ "crit": ["x"] }), json!({ "typ": "dpop+jwt" }), json!({ "alg": null })]
    {
        let token = lab.ed.token_with(members.clone(), &lab.claims());
        assert!(fault(&token, &lab.config).await.is_some(), "{members}");
    }
    for garbage in ["garbage", "a.b.c", "....", "e30.e30.e30"] {
        assert!(fault(garbage, &lab.config).await.is_some(), "{garbage}");
    }
    assert_eq!(lab.issuer.hits(), 0);
    lab.accepts(&lab.good(), "a good one").await;
    assert_eq!(lab.issuer.hits(), 1);
}
