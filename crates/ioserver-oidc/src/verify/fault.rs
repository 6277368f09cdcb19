//! The precise reasons for refusing a token. They go to logs; clients hear one constant text.

use std::fmt;

/// Why a token was refused. Never holds anything of the token itself.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum TokenFault {
    /// It is longer than [`max_token_bytes`](crate::OidcConfig::max_token_bytes).
    TooLong,
    /// It is not three parts with dots between them: an opaque token, a JWE, or something else.
    NotThreeParts,
    /// A part is not base64url, or not in its one canonical form.
    Encoding,
    /// The header is no JSON object, or a member of it has the wrong type.
    Header,
    /// The header or the claims have two members of one name.
    DuplicateMember,
    /// The header asks for an extension (`crit` or `b64`).
    CriticalHeader,
    /// `alg` is missing, `none`, symmetric or unknown.
    Algorithm,
    /// `typ` says that it is another kind of token.
    Type,
    /// No published key fits the header.
    NoMatchingKey,
    /// The header names no single key, and several fit.
    SeveralMatchingKeys,
    /// The signature is not the key's.
    Signature,
    /// The claims are no JSON object.
    Claims,
    /// `iss` is missing, no string, or someone else.
    Issuer,
    /// `aud` is missing, of the wrong type, or names someone else.
    Audience,
    /// `exp` is missing or no finite number.
    Expiry,
    /// `exp` has passed.
    Expired,
    /// `nbf` is no number.
    NotBefore,
    /// `nbf` is still to come.
    NotYetValid,
    /// `iat` is no number, or under the strict profile missing or still to come.
    IssuedAt,
    /// `sub` is missing, no string, or empty.
    Subject,
    /// `cnf` binds the token to a key: it is no bearer token.
    SenderConstrained,
    /// `azp` and `client_id` are missing, of the wrong type, or name a client that is not allowed.
    Client,
    /// It is a token of the issuer, but no access token.
    NoAccessToken,
}

impl fmt::Display for TokenFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "it is too long",
            Self::NotThreeParts => "it is not three parts (an opaque token, or encrypted)",
            Self::Encoding => "a part is not base64url in its canonical form",
            Self::Header => "its header is not what RFC 7515 asks for",
            Self::DuplicateMember => "two members of its JSON have one name",
            Self::CriticalHeader => "its header asks for an extension (`crit` or `b64`)",
            Self::Algorithm => "its `alg` is missing, `none`, symmetric or unknown",
            Self::Type => "its `typ` is that of another kind of token",
            Self::NoMatchingKey => "no published key fits its `kid` and `alg`",
            Self::SeveralMatchingKeys => "several published keys fit, and its `kid` names none",
            Self::Signature => "its signature is wrong",
            Self::Claims => "its claims are no JSON object",
            Self::Issuer => "its `iss` is not the expected issuer",
            Self::Audience => "its `aud` does not name this app's audience",
            Self::Expiry => "its `exp` is missing or no number",
            Self::Expired => "it has expired",
            Self::NotBefore => "its `nbf` is no number",
            Self::NotYetValid => "it is not valid yet (`nbf`)",
            Self::IssuedAt => "its `iat` is no number, missing, or in the future",
            Self::Subject => "its `sub` is missing, empty or no string",
            Self::SenderConstrained => "it is bound to a key (`cnf`) and no bearer token",
            Self::Client => "its `azp` or `client_id` is not an allowed client",
            Self::NoAccessToken => {
                "it is no access token (neither `at+jwt`, nor `azp` and `scope`)"
            }
        })
    }
}

impl std::error::Error for TokenFault {}
