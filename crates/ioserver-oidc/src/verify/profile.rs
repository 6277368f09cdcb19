//! Which of an issuer's tokens are access tokens for this app.

use serde_json::Value;

use super::{Rules, TokenFault};
use crate::{Profile, json::Members};

/// Looks at `typ`, which tells kinds of tokens apart: RFC 8725 section 3.11.
///
/// Under [`Profile::Compatible`] only the explicit types of other kinds are refused, such as
/// `logout+jwt`, `dpop+jwt` and `secevent+jwt`: one issuer signs them all with the same keys. What
/// is kept is the normalised type of an access token, `at+jwt`, or nothing.
pub(super) fn kind(typ: Option<Value>, profile: Profile) -> Result<Option<String>, TokenFault> {
    let typ = match (typ, profile) {
        (None, _) => return Ok(None),
        (Some(Value::String(typ)), _) => normalised(typ),
        (Some(_), Profile::Compatible) => return Ok(None), // the original looks at no `typ` at all
        (Some(_), Profile::Strict) => return Err(TokenFault::Header),
    };
    match (typ.as_str(), profile) {
        (ACCESS_TOKEN, _) => Ok(Some(typ)),
        // RFC 7519 section 5.1: `JWT` says no more than no type at all.
        ("jwt", _) => Ok(None),
        (_, Profile::Strict) => Err(TokenFault::Type),
        (_, Profile::Compatible) if is_foreign(&typ) => Err(TokenFault::Type),
        (_, Profile::Compatible) => Ok(None),
    }
}

const ACCESS_TOKEN: &str = "at+jwt"; // RFC 9068 section 2.1

/// RFC 7515 section 4.1.9: `application/` may be left out, and media types have no case.
fn normalised(mut typ: String) -> String {
    typ.make_ascii_lowercase();
    match typ.strip_prefix("application/") {
        Some(rest) => rest.to_owned(),
        None => typ,
    }
}

/// RFC 8725 section 3.11: explicit types end in `+jwt`; those of RFC 9901 in `+sd-jwt`.
fn is_foreign(typ: &str) -> bool {
    const NAMES: [&str; 4] = ["id_token", "logout_token", "refresh_token", "sd-jwt"];
    let suffix = typ.rsplit_once('+').map_or("", |(_, suffix)| suffix);
    matches!(suffix, "jwt" | "sd-jwt" | "jws" | "jose") || NAMES.contains(&typ)
}

/// Under [`Profile::Strict`]: refuses what is no access token, whoever it is for.
pub(super) fn access_token(
    claims: &Members<'_>,
    typ: Option<&str>,
    rules: &Rules,
    now: f64,
) -> Result<(), TokenFault> {
    // RFC 8417 section 2.2 and OpenID Connect Back-Channel Logout section 2.4: an event is no
    // credential.
    if claims.has("events") {
        return Err(TokenFault::NoAccessToken);
    }
    // The provider writes no `typ` before its version 1.7; its access tokens, and no others of its
    // tokens, have both of these.
    let has_shape = || claims.has("azp") && claims.has("scope");
    if typ != Some(ACCESS_TOKEN) && !has_shape() {
        return Err(TokenFault::NoAccessToken);
    }
    // RFC 9068 section 2.2: required there.
    match claims.get("iat").and_then(Value::as_f64) {
        Some(iat) if iat <= now + rules.clock_tolerance => Ok(()),
        _ => Err(TokenFault::IssuedAt),
    }
}

/// Whether a client that this app trusts asked for the token: OpenID Connect Core section 2
/// (`azp`), RFC 9068 section 2.2 (`client_id`). Where both are there, both must be allowed.
pub(super) fn client(claims: &Members<'_>, allowed: &[String]) -> Result<(), TokenFault> {
    let mut named = ["azp", "client_id"].into_iter().filter_map(|name| claims.get(name)).peekable();
    if named.peek().is_none() {
        return Err(TokenFault::Client);
    }
    let is_allowed = |client: &Value| {
        client.as_str().is_some_and(|client| allowed.iter().any(|allowed| allowed == client))
    };
    if named.all(is_allowed) { Ok(()) } else { Err(TokenFault::Client) }
}
