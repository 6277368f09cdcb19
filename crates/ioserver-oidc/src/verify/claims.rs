//! The claims of a token whose signature is right.

use serde_json::Value;

use super::{Rules, TokenFault, header, profile};
use crate::{OidcUserContext, Profile, encoding, json::Members};

/// Checks everything that RFC 7519 section 4.1, RFC 8725 sections 3.8 and 3.9 and, under the strict
/// profile, RFC 9068 section 4 ask for. `now` is in whole seconds since 1970.
pub(super) fn check(
    encoded: &str,
    typ: Option<&str>,
    rules: &Rules,
    now: f64,
) -> Result<Checked, TokenFault> {
    let text = encoding::base64url(encoded).ok_or(TokenFault::Encoding)?;
    let claims = header::members(&text, TokenFault::Claims)?;
    issuer(&claims, rules)?;
    audience(&claims, rules)?;
    let expires = times(&claims, rules, now)?;
    subject(&claims)?;
    // RFC 7800 section 3.1: who presents it must prove possession of a key. Nobody does here, so
    // whoever stole it could use it.
    if claims.has("cnf") {
        return Err(TokenFault::SenderConstrained);
    }
    if let Some(allowed) = &rules.clients {
        profile::client(&claims, allowed)?;
    }
    if rules.profile == Profile::Strict {
        profile::access_token(&claims, typ, rules, now)?;
    }
    let user = OidcUserContext::from_claims(claims, &text);
    Ok(Checked { user, expires })
}

/// A user whose claims hold until `expires`, in seconds since 1970.
pub(super) struct Checked {
    pub(super) user: OidcUserContext,
    pub(super) expires: f64,
}

/// RFC 7519 section 4.1.1: compared as text, character by character.
fn issuer(claims: &Members<'_>, rules: &Rules) -> Result<(), TokenFault> {
    match claims.get("iss") {
        Some(Value::String(iss)) if *iss == rules.issuer => Ok(()),
        _ => Err(TokenFault::Issuer),
    }
}

/// RFC 7519 section 4.1.3: a string, or an array of strings and of nothing else.
fn audience(claims: &Members<'_>, rules: &Rules) -> Result<(), TokenFault> {
    let named = match claims.get("aud") {
        Some(Value::String(aud)) => *aud == rules.audience,
        Some(Value::Array(all)) if all.iter().all(Value::is_string) => {
            all.iter().any(|aud| aud.as_str() == Some(&rules.audience))
        }
        _ => false,
    };
    if named { Ok(()) } else { Err(TokenFault::Audience) }
}

/// RFC 7519 sections 4.1.4 to 4.1.6. A token that never expires is refused (RFC 9068 section 2.2);
/// the original lets it in.
fn times(claims: &Members<'_>, rules: &Rules, now: f64) -> Result<f64, TokenFault> {
    let expires = number(claims, "exp", TokenFault::Expiry)?.ok_or(TokenFault::Expiry)?;
    // "on or after which": the second of `exp` itself is too late.
    if expires <= now - rules.clock_tolerance {
        return Err(TokenFault::Expired);
    }
    let not_before = number(claims, "nbf", TokenFault::NotBefore)?;
    if not_before.is_some_and(|not_before| not_before > now + rules.clock_tolerance) {
        return Err(TokenFault::NotYetValid);
    }
    number(claims, "iat", TokenFault::IssuedAt)?;
    Ok(expires)
}

fn number(claims: &Members<'_>, name: &str, fault: TokenFault) -> Result<Option<f64>, TokenFault> {
    match claims.get(name) {
        None => Ok(None),
        Some(value) => match value.as_f64() {
            Some(number) if number.is_finite() => Ok(Some(number)),
            _ => Err(fault),
        },
    }
}

/// The original lets in tokens without `sub`, or with a number or nothing in it: users that cannot
/// be told apart.
fn subject(claims: &Members<'_>) -> Result<(), TokenFault> {
    match claims.get("sub") {
        Some(Value::String(sub)) if !sub.is_empty() => Ok(()),
        _ => Err(TokenFault::Subject),
    }
}
