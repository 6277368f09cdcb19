//! What a page asks for when it sends someone here to sign in, and what it is told.

use form_urlencoded::Serializer;
use serde::Deserialize;

use crate::{Service, loopback};

/// RFC 6749 section 4.1.1, with RFC 7636. `who` is this page's own: who was clicked on.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    response_type: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    #[serde(default)]
    pub(crate) code_challenge: String,
    #[serde(default)]
    code_challenge_method: String,
    pub(crate) who: Option<String>,
}

/// What is wrong with it.
#[derive(Debug, PartialEq)]
pub(crate) enum Wrong {
    /// Nothing may be sent where it says: the person is told. RFC 6749 section 4.1.2.1.
    Unsafe(&'static str),
    /// The page is told.
    Told(&'static str),
}

impl Asked {
    pub(crate) fn check(&self, service: &Service) -> Result<(), Wrong> {
        if self.client_id != service.client_id {
            return Err(Wrong::Unsafe("there is no such client_id"));
        }
        if !loopback::is_redirect_uri(&self.redirect_uri) {
            return Err(Wrong::Unsafe(
                "the redirect_uri is not the root of a page of this machine",
            ));
        }
        if self.response_type != "code" {
            return Err(Wrong::Told("unsupported_response_type"));
        }
        // RFC 9700 section 2.1.1: a client that keeps no secret proves itself, and not by `plain`.
        if self.code_challenge_method != "S256" || self.code_challenge.len() != 43 {
            return Err(Wrong::Told("invalid_request"));
        }
        Ok(())
    }

    /// Where the browser goes next, with `code` or `error`.
    pub(crate) fn back(&self, name: &str, value: &str, issuer: &str) -> String {
        let mut query = Serializer::new(String::new());
        query.append_pair(name, value);
        if let Some(state) = &self.state {
            query.append_pair("state", state);
        }
        query.append_pair("iss", issuer); // RFC 9207
        format!("{}?{}", self.redirect_uri, query.finish())
    }
}
