//! The ways to refuse a client: codes, statuses and texts, on both wires.

use http::{HeaderValue, StatusCode, header};
use ioserver::{ConnectError, IOServerError, Reply};
use serde::Serialize;

use crate::OidcError;

/// Why a client does not get in, as far as clients are told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Refusal {
    TokenRequired,
    TokenInvalid,
    AccountDisabled,
    ProvisionFailed,
    /// There are no keys; come back after so many seconds.
    Unavailable {
        retry_after: u64,
    },
    /// Sockets only: no admin.
    Forbidden,
    /// Sockets only: the session manager failed.
    SessionFailed,
    /// There is no configuration. Why is for the log: it may hold settings.
    NotConfigured,
}

impl Refusal {
    /// The one table: what each refusal is on the wire.
    fn parts(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::TokenRequired => {
                (StatusCode::UNAUTHORIZED, "ERR_AUTH_TOKEN_REQUIRED", "Bearer token required.")
            }
            Self::TokenInvalid => {
                (StatusCode::UNAUTHORIZED, "ERR_AUTH_TOKEN_INVALID", "Invalid or expired token.")
            }
            Self::AccountDisabled => (
                StatusCode::FORBIDDEN,
                "ERR_ACCOUNT_DISABLED",
                "Your account has been disabled. Contact an administrator.",
            ),
            Self::ProvisionFailed => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "ERR_USER_PROVISION_FAILED",
                "Failed to resolve user account.",
            ),
            Self::Unavailable { .. } => (
                StatusCode::SERVICE_UNAVAILABLE,
                "ERR_AUTH_UNAVAILABLE",
                "Tokens cannot be verified at the moment. Try again later.",
            ),
            Self::Forbidden => (StatusCode::FORBIDDEN, "ERR_FORBIDDEN", "Forbidden."),
            Self::SessionFailed => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "ERR_SESSION_FAILED",
                "Failed to register the session.",
            ),
            Self::NotConfigured => (StatusCode::INTERNAL_SERVER_ERROR, "", ""),
        }
    }

    /// RFC 6750 section 3: a bearer resource says so, and names the error unless the request had
    /// no credentials at all. Section 3.1 has one error for 401 and one for 403.
    fn challenge(&self) -> Option<HeaderValue> {
        let challenge = match self {
            Self::TokenRequired => "Bearer",
            Self::TokenInvalid => {
                "Bearer error=\"invalid_token\", error_description=\"Invalid or expired token.\""
            }
            Self::AccountDisabled | Self::Forbidden => "Bearer error=\"insufficient_scope\"",
            _ => return None,
        };
        Some(HeaderValue::from_static(challenge))
    }
}

/// `{statusCode, error, code, message}`. It is an answer and no error: as in the original, the
/// route's `errorHandler` does not see it.
impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        if refusal == Refusal::NotConfigured {
            return IOServerError::internal(OidcError::NotStarted).into(); // the original throws here
        }
        let (status, code, message) = refusal.parts();
        let error = status.canonical_reason().unwrap_or("Error");
        let body = Body { status_code: status.as_u16(), error, code, message };
        let mut reply = Self::json(&body).with_status(status);
        if let Some(challenge) = refusal.challenge() {
            reply.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Refusal::Unavailable { retry_after } = refusal {
            reply.headers_mut().insert(header::RETRY_AFTER, retry_after.into());
        }
        reply
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    status_code: u16,
    error: &'static str,
    code: &'static str,
    message: &'static str,
}

/// Clients of a socket hear the code.
impl From<Refusal> for ConnectError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotConfigured => Self::new(OidcError::NotStarted.to_string()),
            other => Self::new(other.parts().1),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn answer(refusal: Refusal) -> (Reply, Value) {
        let reply = Reply::from(refusal);
        let body = serde_json::from_slice(reply.payload_bytes().unwrap()).unwrap();
        (reply, body)
    }

    #[test]
    fn a_request_without_credentials_is_challenged_without_an_error_code() {
        let (reply, body) = answer(Refusal::TokenRequired);
        assert_eq!(reply.headers()[header::WWW_AUTHENTICATE], "Bearer");
        assert_eq!(
            body,
            json!({
                "statusCode": 401,
                "error": "Unauthorized",
                "code": "ERR_AUTH_TOKEN_REQUIRED",
                "message": "Bearer token required."
            })
        );
    }

    #[test]
    fn a_bad_token_and_a_disabled_account_are_challenged_with_one() {
        let (reply, _) = answer(Refusal::TokenInvalid);
        let challenge = reply.headers()[header::WWW_AUTHENTICATE].to_str().unwrap();
        assert!(challenge.starts_with("Bearer error=\"invalid_token\""), "{challenge}");
        let (reply, body) = answer(Refusal::AccountDisabled);
        assert_eq!(reply.status(), 403);
        assert_eq!(body["error"], "Forbidden");
        let challenge = reply.headers()[header::WWW_AUTHENTICATE].to_str().unwrap();
        assert_eq!(challenge, "Bearer error=\"insufficient_scope\"");
    }

    #[test]
    fn an_outage_is_a_503_that_says_when_to_come_back() {
        let (reply, body) = answer(Refusal::Unavailable { retry_after: 5 });
        assert_eq!(reply.status(), 503);
        assert_eq!(reply.headers()[header::RETRY_AFTER], "5");
        assert!(!reply.headers().contains_key(header::WWW_AUTHENTICATE));
        assert_eq!(body["code"], "ERR_AUTH_UNAVAILABLE");
        let heard = ConnectError::from(Refusal::Unavailable { retry_after: 5 }).to_string();
        assert_eq!(heard, "ERR_AUTH_UNAVAILABLE");
    }

    #[test]
    fn a_server_without_configuration_uses_the_originals_words() {
        assert_eq!(Reply::from(Refusal::NotConfigured).status(), 500);
        let heard = ConnectError::from(Refusal::NotConfigured).to_string();
        assert_eq!(heard, "getConfig() called before start()");
    }
}
