//! What is wrong with settings, or only unwise.

use std::time::Duration;

use super::{OidcConfig, Profile};
use crate::OidcError;

impl OidcConfig {
    /// Finds settings that cannot be used. Nothing is fetched.
    ///
    /// # Errors
    ///
    /// Names the setting by its variable, and says what it may be.
    pub fn validate(&self) -> Result<(), OidcError> {
        let required = [
            ("AUTH_SERVICE_URL", &self.auth_service_url),
            ("AUTH_SERVICE_APP_SLUG", &self.app_slug),
        ];
        if let Some((name, _)) = required.into_iter().find(|(_, value)| value.is_empty()) {
            return Err(OidcError::MissingVariable(name));
        }
        web_address("AUTH_SERVICE_URL", &self.auth_service_url)?;
        let unset = |setting: &Option<String>| setting.as_deref().is_none_or(str::is_empty);
        if self.profile == Profile::Strict && unset(&self.audience) {
            return Err(OidcError::Config(
                "AUTH_SERVICE_PROFILE is `strict`, which needs AUTH_SERVICE_AUDIENCE: set it to \
                 the audience of this app's access tokens, such as https://api.example.com"
                    .into(),
            ));
        }
        for (name, setting) in
            [("AUTH_SERVICE_ISSUER", &self.issuer), ("AUTH_SERVICE_AUDIENCE", &self.audience)]
        {
            if setting.as_deref() == Some("") {
                return Err(OidcError::Config(format!("{name} is empty: set it or leave it out")));
            }
        }
        if self.clock_tolerance > MAX_TOLERANCE {
            return Err(OidcError::Config(
                "AUTH_SERVICE_CLOCK_TOLERANCE is more than 5 minutes: expired tokens would pass; \
                 set the clocks instead"
                    .into(),
            ));
        }
        if self.max_token_bytes == 0 {
            let what = "AUTH_SERVICE_MAX_TOKEN_BYTES is 0: no token would pass";
            return Err(OidcError::Config(what.into()));
        }
        self.keys().map(drop)
    }

    /// What to tell whoever runs the server.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let mut warnings = self.remarks.clone();
        let userinfo = format!("{}/api/auth/oauth2/userinfo", self.base_url());
        match self.audience.as_deref() {
            None => warnings.push(format!(
                "AUTH_SERVICE_AUDIENCE is not set, so the audience is the app's slug `{}`: that of \
                 ID tokens, which every client and browser of this app holds, and which therefore \
                 pass as access tokens. Set it to the resource that access tokens are asked for",
                self.app_slug
            )),
            Some(audience) if audience.trim_end_matches('/') == self.base_url() => warnings.push(
                "AUTH_SERVICE_AUDIENCE is the auth-service itself: that is the audience of its \
                 session tokens, which therefore pass as access tokens"
                    .into(),
            ),
            Some(audience) if audience == userinfo => warnings.push(
                "AUTH_SERVICE_AUDIENCE is the auth-service's userinfo endpoint: every access token \
                 with the scope `openid` names it, whatever app it is for"
                    .into(),
            ),
            Some(_) => {}
        }
        warnings
    }
}

const MAX_TOLERANCE: Duration = Duration::from_secs(300);

fn web_address(name: &str, address: &str) -> Result<(), OidcError> {
    let wrong = |why: &str| {
        Err(OidcError::Config(format!(
            "{name} {why}; set it to one such as https://auth.example.com"
        )))
    };
    let Ok(url) = reqwest::Url::parse(address) else {
        return wrong("is no URL"); // which is not repeated: it may hold a password
    };
    if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
        return wrong("is no http or https URL");
    }
    if address.trim() != address {
        return wrong("has blanks around it");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return wrong("holds a user name or a password, which would be sent to nobody");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return wrong("has a query or a fragment");
    }
    Ok(())
}
