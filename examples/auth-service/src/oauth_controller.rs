use std::{sync::Arc, time::Instant};

use ioserver::{
    Reply, Result, controller,
    extract::{Form, Query},
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    AUDIENCE, Service,
    authorize::{Asked, Wrong},
    grants::Code,
    issuer::Kind,
    page,
    people::Person,
    random,
};

/// `/api/auth/oauth2`: the authorization code flow with PKCE, for pages in browsers.
pub(crate) struct OauthController(pub(crate) Arc<Service>);

#[derive(Deserialize)]
#[serde(tag = "grant_type", rename_all = "snake_case")]
enum Grant {
    AuthorizationCode {
        code: String,
        redirect_uri: String,
        code_verifier: String,
    },
    RefreshToken {
        refresh_token: String,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct TokenRequest {
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    resource: String,
    #[serde(flatten)]
    grant: Option<Grant>,
}

#[controller]
impl OauthController {
    /// Shows who one can be; with `who`, sends the browser back with a code.
    pub async fn authorize(&self, Query(asked): Query<Asked>) -> Result<Reply> {
        match asked.check(&self.0) {
            Err(Wrong::Unsafe(why)) => return Ok(page::refusal(why)),
            Err(Wrong::Told(error)) => return Ok(self.back(&asked, "error", error)),
            Ok(()) => {}
        }
        let Some(person) = asked.who.as_deref().and_then(Person::named) else {
            return Ok(page::sign_in(&asked, self.0.client_id));
        };
        let code = self.0.grants.code(Code {
            person,
            redirect_uri: asked.redirect_uri.clone(),
            challenge: asked.code_challenge.clone(),
            made: Instant::now(),
        })?;
        Ok(self.back(&asked, "code", &code))
    }

    /// RFC 6749 sections 4.1.3 and 6; as BetterAuth's, a token for a `resource` (RFC 8707).
    pub async fn token(&self, Form(asked): Form<TokenRequest>) -> Result<Reply> {
        if asked.client_id != self.0.client_id {
            return Ok(refused("invalid_client"));
        }
        if asked.resource != AUDIENCE {
            return Ok(refused("invalid_target"));
        }
        let person = match asked.grant {
            Some(Grant::AuthorizationCode { code, redirect_uri, code_verifier }) => {
                self.redeem(&code, &redirect_uri, &code_verifier)
            }
            Some(Grant::RefreshToken { refresh_token }) => self.0.grants.refresh(&refresh_token),
            Some(Grant::Other) => return Ok(refused("unsupported_grant_type")),
            None => return Ok(refused("invalid_request")),
        };
        match person {
            Some(person) => self.granted(person),
            None => Ok(refused("invalid_grant")),
        }
    }
}

impl OauthController {
    fn redeem(&self, code: &str, redirect_uri: &str, verifier: &str) -> Option<&'static Person> {
        let code = self.0.grants.redeem(code, Instant::now())?;
        let proven = random::proves(verifier, &code.challenge) && code.redirect_uri == redirect_uri;
        proven.then_some(code.person)
    }

    fn granted(&self, person: &'static Person) -> Result<Reply> {
        let body = json!({
            "access_token": self.0.issuer.mint(person, Kind::Access, self.0.lifetime)?,
            "token_type": "Bearer",
            "expires_in": self.0.lifetime.as_secs(),
            "refresh_token": self.0.grants.refresh_token(person)?,
            "scope": "openid profile email offline_access roles",
        });
        Ok(Reply::json(&body).with_header("cache-control", "no-store"))
    }

    fn back(&self, asked: &Asked, name: &str, value: &str) -> Reply {
        Reply::redirect(&asked.back(name, value, self.0.issuer.url()))
            .with_header("cache-control", "no-store")
    }
}

/// RFC 6749 section 5.2.
fn refused(error: &str) -> Reply {
    let reply = Reply::json(json!({ "error": error })).with_status(400);
    reply.with_header("cache-control", "no-store")
}
