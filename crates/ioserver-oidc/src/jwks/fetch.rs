//! The one HTTP request of this crate.

use std::{net::IpAddr, time::Duration};

use reqwest::{Client, Url, header, redirect};

use super::{
    JwksOptions,
    failure::Failure,
    set::{KeySet, Parsed},
};
use crate::OidcError;

/// A checked URI and the client to ask it with.
#[derive(Debug)]
pub(crate) struct Endpoint {
    uri: Url,
    client: Client,
    timeout: Duration,
    max_bytes: usize,
    max_keys: usize,
}

impl Endpoint {
    pub(crate) fn new(uri: &str, options: &JwksOptions) -> Result<Self, OidcError> {
        let uri = checked(uri, options.allow_http)?;
        not_zero(options)?;
        let client = match &options.client {
            Some(client) => client.get().clone(),
            None => own_client(&uri)?,
        };
        let JwksOptions { timeout, max_bytes, max_keys, .. } = *options;
        Ok(Self { uri, client, timeout, max_bytes, max_keys })
    }

    /// Scheme, host and path, without a query: what may be shown.
    pub(crate) fn shown(&self) -> String {
        format!("{}{}", self.uri.origin().ascii_serialization(), self.uri.path())
    }

    /// Asks for the keys. Any status but 200 is a failure; the content type does not matter.
    pub(crate) async fn fetch(&self) -> Result<Parsed, Failure> {
        tokio::time::timeout(self.timeout, self.ask())
            .await
            .map_err(|_| Failure::TimedOut(self.timeout))?
    }

    async fn ask(&self) -> Result<Parsed, Failure> {
        let request = self.client.get(self.uri.clone()).header(header::ACCEPT, "application/json");
        let mut response = request.send().await?;
        // Our own client follows none; a caller's may.
        let status = response.status().as_u16();
        if matches!(status, 301 | 302 | 303 | 307 | 308) || response.url() != &self.uri {
            return Err(Failure::Redirected);
        }
        if status != 200 {
            return Err(Failure::Status(status));
        }
        let too_large = || Failure::TooLarge { most: self.max_bytes };
        if response.content_length().is_some_and(|length| length > self.max_bytes as u64) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > self.max_bytes {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        KeySet::parse(&body, self.max_keys)
    }
}

fn own_client(uri: &Url) -> Result<Client, OidcError> {
    let builder = Client::builder()
        .user_agent(concat!("ioserver-oidc/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .no_proxy() // not from the environment: a proxy is a decision, made with a client of one's own
        .retry(reqwest::retry::never()) // each request counts, and when to ask again is decided here
        .pool_max_idle_per_host(0); // between two fetches any server closes the connection
    let builder = match uri.scheme() {
        "http" => builder.tls_certs_only([]), // a machine without a CA store can still fetch
        _ => builder.https_only(true),
    };
    builder.build().map_err(|error| {
        OidcError::Config(format!("the client for the key endpoint cannot be made: {error:?}"))
    })
}

/// Refuses a URI from which keys could not be trusted. The error shows no more of it than its host.
fn checked(uri: &str, allow_http: bool) -> Result<Url, OidcError> {
    const SETTING: &str = "the URI of the keys (`jwks_uri`, AUTH_SERVICE_JWKS_URI; by default below \
                           AUTH_SERVICE_URL)";
    let refuse = |why: String| Err(OidcError::Config(format!("{SETTING} {why}")));
    let Ok(mut uri) = Url::parse(uri) else {
        return refuse("is not an absolute URL: write it as https://host/path".to_owned());
    };
    if !uri.username().is_empty() || uri.password().is_some() {
        return refuse("holds a user name or password: take it out".to_owned());
    }
    uri.set_fragment(None); // never sent
    let host = uri.host_str().unwrap_or_default();
    match uri.scheme() {
        "https" => Ok(uri),
        "http" if allow_http || is_loopback(host) => Ok(uri),
        "http" => refuse(format!(
            "is plain http to `{host}`, so that anyone on the way could make tokens: use https, or \
             set `jwks.allow_http` (AUTH_SERVICE_JWKS_ALLOW_HTTP)"
        )),
        scheme => refuse(format!("has the scheme `{scheme}`: use https")),
    }
}

/// Refuses limits that no answer and no key can keep.
fn not_zero(options: &JwksOptions) -> Result<(), OidcError> {
    for (name, is_zero) in [
        ("max_age", options.max_age.is_zero()),
        ("timeout", options.timeout.is_zero()),
        ("max_bytes", options.max_bytes == 0),
        ("max_keys", options.max_keys == 0),
    ] {
        if is_zero {
            let variable = format!("AUTH_SERVICE_JWKS_{}", name.to_uppercase());
            return Err(OidcError::Config(format!(
                "`jwks.{name}` ({variable}) is 0, so that no token could be accepted: set it higher"
            )));
        }
    }
    Ok(())
}

fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(uri: &str) -> Result<Url, String> {
        checked(uri, false).map_err(|error| error.to_string())
    }

    #[test]
    fn https_and_loopback_are_fine() {
        for uri in [
            "https://auth.example.com/api/auth/jwks",
            "http://127.0.0.1:3000/jwks",
            "http://127.9.9.9/jwks",
            "http://[::1]:3000/jwks",
            "http://localhost:3000/jwks",
            "http://LOCALHOST/jwks",
        ] {
            assert!(check(uri).is_ok(), "{uri}");
        }
    }

    #[test]
    fn plain_http_to_another_machine_is_refused_unless_allowed() {
        for uri in [
            "http://auth.example.com/jwks",
            "http://10.0.0.1/jwks",
            "http://localhost.example.com/jwks",
            "http://127.0.0.1.example.com/jwks",
            "http://0.0.0.0/jwks",
            "http://[::2]/jwks",
        ] {
            let error = check(uri).unwrap_err();
            assert!(
                error.contains("AUTH_SERVICE_JWKS_URI") && error.contains("allow_http"),
                "{error}"
            );
            assert!(checked(uri, true).is_ok(), "{uri}");
        }
    }

    #[test]
    fn what_is_no_web_address_is_refused() {
        for uri in
            ["", "/api/auth/jwks", "auth.example.com", "file:///etc/passwd", "ftp://a/b", "data:,x"]
        {
            assert!(checked(uri, true).is_err(), "{uri}");
        }
    }

    #[test]
    fn a_password_in_the_uri_is_refused_and_not_repeated() {
        for uri in ["https://root:hunter2@auth.example.com/", "https://hunter2@auth.example.com/"] {
            assert!(!check(uri).unwrap_err().contains("hunter2"));
        }
    }

    #[test]
    fn a_limit_of_zero_is_refused_by_name() {
        let default = JwksOptions::default;
        for (options, name) in [
            (JwksOptions { max_age: Duration::ZERO, ..default() }, "AUTH_SERVICE_JWKS_MAX_AGE"),
            (JwksOptions { timeout: Duration::ZERO, ..default() }, "AUTH_SERVICE_JWKS_TIMEOUT"),
            (JwksOptions { max_bytes: 0, ..default() }, "AUTH_SERVICE_JWKS_MAX_BYTES"),
            (JwksOptions { max_keys: 0, ..default() }, "AUTH_SERVICE_JWKS_MAX_KEYS"),
        ] {
            let error = Endpoint::new("http://127.0.0.1:1/", &options).unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
    }

    #[test]
    fn a_fragment_is_no_part_of_the_uri() {
        assert_eq!(check("https://a/keys#k").unwrap().as_str(), "https://a/keys");
    }

    #[test]
    fn a_query_is_not_shown() {
        let endpoint =
            Endpoint::new("http://127.0.0.1:1/keys?code=hunter2", &JwksOptions::default()).unwrap();
        assert_eq!(endpoint.shown(), "http://127.0.0.1:1/keys");
    }
}
