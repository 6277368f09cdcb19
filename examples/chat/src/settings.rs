//! What the command line and the environment may set.

use std::{path::PathBuf, time::Duration};

use ioserver::{IOServerError, Origin, Result};
use serde::Deserialize;

/// `HOST`, `PORT`, `CLIENT_DIR`, `AUTH_PORT` and `AUTH_TOKEN_SECONDS`, with defaults that run as
/// they are.
#[derive(Debug, Deserialize)]
pub(crate) struct Settings {
    #[serde(default = "loopback")]
    pub(crate) host: String,
    #[serde(default = "port")]
    pub(crate) port: u16,
    pub(crate) client_dir: Option<PathBuf>,
    #[serde(default = "auth_port")]
    pub(crate) auth_port: u16,
    #[serde(default = "hour")]
    auth_token_seconds: u64,
}

fn loopback() -> String {
    "127.0.0.1".into()
}

fn port() -> u16 {
    3000
}

fn auth_port() -> u16 {
    3001
}

fn hour() -> u64 {
    3600
}

impl Settings {
    /// Reads them; the error names the variable and what it must be.
    pub(crate) fn from_env() -> Result<Self> {
        envy::from_env().map_err(|error| {
            let message = format!(
                "{error}; HOST is an address, PORT and AUTH_PORT are 0 to 65535, \
                 AUTH_TOKEN_SECONDS is a number"
            );
            IOServerError::new(message, 500_u16)
        })
    }

    /// How long a token of the development auth-service is good.
    pub(crate) fn token_lifetime(&self) -> Duration {
        Duration::from_secs(self.auth_token_seconds)
    }

    /// The origins whose pages may call this server.
    pub(crate) fn origins(&self) -> Origin {
        let localhost = format!("http://localhost:{}", self.port);
        Origin::OneOf(vec![Origin::OwnHost, Origin::Text(localhost)])
    }
}

/// Whether people sign in: with `--sign-in`, or where the environment names an auth-service.
pub(crate) fn wants_sign_in(arguments: impl Iterator<Item = String>) -> Result<bool> {
    let mut wanted = has_auth_service();
    for argument in arguments {
        if argument != "--sign-in" {
            let message = format!("there is no `{argument}`; the only argument is `--sign-in`");
            return Err(IOServerError::new(message, 500_u16));
        }
        wanted = true;
    }
    Ok(wanted)
}

/// Whether the environment names an auth-service.
pub(crate) fn has_auth_service() -> bool {
    std::env::var_os("AUTH_SERVICE_URL").is_some_and(|url| !url.is_empty())
}

/// A folder of this example, wherever it is started from.
pub(crate) fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}
