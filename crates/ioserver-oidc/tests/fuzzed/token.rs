//! A whole verification. The first byte says what the others are: `T` a token, `H` the header and
//! `C` the claims of one that a published key signs. Whoever gets in did so by the rules, said once
//! more here.

use std::cell::OnceCell;

use ioserver_oidc::{
    OidcConfig, OidcError, OidcUserContext, Profile, testing::AuthService, verify_oidc_token,
};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

/// Fixed, so that a corpus can name it.
const ISSUER: &str = "https://auth.test";
const HEADER: &str = r#"{"alg":"EdDSA","kid":"key-1"}"#;

struct Lab {
    runtime: Runtime,
    auth: AuthService,
    configs: [OidcConfig; 2],
}

impl Lab {
    fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime starts");
        let auth = runtime.block_on(AuthService::start()).expect("a port is free");
        let configs =
            [(Profile::Compatible, 0), (Profile::Strict, 1_000)].map(|(profile, cache)| {
                let mut config = auth.config();
                (config.profile, config.token_cache) = (profile, cache);
                config.issuer = Some(ISSUER.into());
                config
            });
        Self { runtime, auth, configs }
    }

    fn user(&self, token: &str, config: &OidcConfig) -> Option<OidcUserContext> {
        match self.runtime.block_on(verify_oidc_token(token, config)) {
            Ok(user) => Some(user),
            Err(OidcError::InvalidToken(_)) => None,
            Err(other) => panic!("{other}"),
        }
    }
}

pub(crate) fn run(bytes: &[u8]) {
    thread_local!(static LAB: OnceCell<Lab> = const { OnceCell::new() });
    LAB.with(|lab| check(lab.get_or_init(Lab::new), bytes));
}

fn check(lab: &Lab, bytes: &[u8]) {
    let Some((kind, rest)) = bytes.split_first() else { return };
    let claims = format!(
        r#"{{"iss":"{ISSUER}","aud":"{}","sub":"user-1","exp":9999999999}}"#,
        AuthService::AUDIENCE
    );
    let token = match kind {
        b'H' => lab.auth.key().sign(rest, &claims),
        b'C' => lab.auth.key().sign(HEADER, rest),
        _ => String::from_utf8_lossy(rest).into_owned(),
    };
    let [compatible, strict] = &lab.configs;
    let user = lab.user(&token, compatible);
    let strictly = lab.user(&token, strict);
    assert!(strictly.is_none() || user.is_some(), "strict is no stricter");
    assert_eq!(strictly.is_some(), lab.user(&token, strict).is_some(), "remembered otherwise");
    match (kind, user) {
        (b'H', Some(_)) => obeys_header(rest),
        (b'C', Some(user)) => obeys(rest, &user),
        (_, Some(_)) => panic!("a token that nobody signed got in"),
        (_, None) => {}
    }
}

fn obeys_header(header: &[u8]) {
    let header = object(header);
    assert_eq!(header["alg"], "EdDSA");
    assert!(header.get("kid").is_none_or(|kid| kid == "key-1"));
    assert!(header.get("crit").is_none() && header.get("b64").is_none());
}

/// RFC 7519 section 4.1.
fn obeys(claims: &[u8], user: &OidcUserContext) {
    let claims = object(claims);
    let audience = Value::from(AuthService::AUDIENCE);
    let listed = claims["aud"].as_array().is_some_and(|all| all.contains(&audience));
    assert_eq!(claims["iss"], ISSUER);
    assert!(claims["aud"] == audience || listed);
    assert!(claims["exp"].as_f64().is_some_and(|exp| exp > 1.7e9));
    assert!(claims.get("nbf").is_none_or(|nbf| nbf.as_f64().is_some_and(|nbf| nbf < 9e9)));
    assert!(claims.get("iat").is_none_or(Value::is_number) && claims.get("cnf").is_none());
    assert!(claims["sub"] == user.sub.as_str() && !user.sub.is_empty());
}

fn object(text: &[u8]) -> Value {
    let value = serde_json::from_slice::<Value>(text).expect("what gets in is JSON to all");
    assert!(value.is_object());
    value
}
