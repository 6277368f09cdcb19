//! The parts of a token, and its header.

use serde_json::Value;

use super::{TokenFault, profile};
use crate::{
    Profile, encoding,
    json::{JsonFault, Members},
};

/// A token in the compact form of RFC 7515 section 7.1, its signature decoded.
pub(super) struct Parts<'a> {
    pub(super) header: &'a str,
    pub(super) payload: &'a str,
    pub(super) signature: Vec<u8>,
    /// What was signed: the header and the payload as they were sent.
    pub(super) signed: &'a [u8],
}

impl<'a> Parts<'a> {
    pub(super) fn split(token: &'a str) -> Result<Self, TokenFault> {
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenFault::NotThreeParts)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenFault::NotThreeParts)?;
        // RFC 7516 section 9: five parts are a JWE.
        if payload.contains('.') {
            return Err(TokenFault::NotThreeParts);
        }
        let signature = encoding::base64url(signature).ok_or(TokenFault::Encoding)?;
        Ok(Self { header, payload, signature, signed: signed.as_bytes() })
    }
}

/// What a token says about how it was signed. It is not verified yet.
pub(super) struct Header {
    pub(super) alg: String,
    pub(super) kid: Option<String>,
    pub(super) typ: Option<String>,
}

impl Header {
    /// Members that name keys (`jku`, `jwk`, `x5u`, `x5c`) are not looked at, let alone fetched:
    /// RFC 8725 section 3.10.
    pub(super) fn parse(encoded: &str, profile: Profile) -> Result<Self, TokenFault> {
        let bytes = encoding::base64url(encoded).ok_or(TokenFault::Encoding)?;
        let mut members = members(&bytes, TokenFault::Header)?;
        // RFC 7515 section 4.1.11: an extension that is not understood makes a token invalid; none
        // is understood here. RFC 7797 section 6: `b64` is such an extension, said or not.
        if members.has("crit") || members.has("b64") {
            return Err(TokenFault::CriticalHeader);
        }
        let Some(Value::String(alg)) = members.take("alg") else {
            return Err(TokenFault::Algorithm);
        };
        let kid = match members.take("kid") {
            None => None,
            Some(Value::String(kid)) => Some(kid),
            // RFC 7515 section 4.1.4. The original takes it for absent.
            Some(_) => return Err(TokenFault::Header),
        };
        let typ = profile::kind(members.take("typ"), profile)?;
        Ok(Self { alg, kid, typ })
    }
}

/// The members of a JSON object whose members have different names, at every depth: RFC 7515 section 4 and RFC
/// 7519 section 4 let a reader refuse others, and two readers must not see two tokens.
pub(super) fn members(bytes: &[u8], fault: TokenFault) -> Result<Members<'_>, TokenFault> {
    Members::parse(bytes).map_err(|error| match error {
        JsonFault::Duplicate => TokenFault::DuplicateMember,
        JsonFault::Syntax | JsonFault::NotAnObject => fault,
    })
}
