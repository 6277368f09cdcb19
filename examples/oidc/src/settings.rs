//! What the environment may set.

use std::path::PathBuf;

use ioserver::{IOServerError, Origin, Result};
use serde::Deserialize;

/// `HOST`, `PORT`, `AUTH_PORT` and `DATABASE`, with defaults that run as they are.
#[derive(Debug, Deserialize)]
pub(crate) struct Settings {
    #[serde(default = "loopback")]
    pub(crate) host: String,
    #[serde(default = "port")]
    pub(crate) port: u16,
    #[serde(default = "auth_port")]
    pub(crate) auth_port: u16,
    database: Option<PathBuf>,
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

impl Settings {
    /// Reads them; the error names the variable and what it must be.
    pub(crate) fn from_env() -> Result<Self> {
        envy::from_env().map_err(|error| {
            let message = format!("{error}; HOST is an address, PORT and AUTH_PORT are 0 to 65535");
            IOServerError::new(message, 500_u16)
        })
    }

    /// The file of the users; `DATABASE`, or one in the folder for temporary files.
    pub(crate) fn database(&self) -> PathBuf {
        let default = || std::env::temp_dir().join("ioserver-example-oidc.sqlite3");
        self.database.clone().unwrap_or_else(default)
    }

    /// The origins whose pages may call this server.
    pub(crate) fn origins(&self) -> Origin {
        let localhost = format!("http://localhost:{}", self.port);
        Origin::OneOf(vec![Origin::OwnHost, Origin::Text(localhost)])
    }
}

/// Whether the environment names an auth-service.
pub(crate) fn has_auth_service() -> bool {
    std::env::var_os("AUTH_SERVICE_URL").is_some_and(|url| !url.is_empty())
}

/// A folder of this example, wherever it is started from.
pub(crate) fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}
