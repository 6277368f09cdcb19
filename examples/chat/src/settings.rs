//! What the environment may set.

use std::path::PathBuf;

use ioserver::{IOServerError, Result};
use serde::Deserialize;

/// `HOST`, `PORT` and `CLIENT_DIR`, with defaults that run as they are.
#[derive(Debug, Deserialize)]
pub(crate) struct Settings {
    #[serde(default = "loopback")]
    pub(crate) host: String,
    #[serde(default = "port")]
    pub(crate) port: u16,
    pub(crate) client_dir: Option<PathBuf>,
}

fn loopback() -> String {
    "127.0.0.1".into()
}

fn port() -> u16 {
    3000
}

impl Settings {
    /// Reads them; the error names the variable and what it must be.
    pub(crate) fn from_env() -> Result<Self> {
        envy::from_env().map_err(|error| {
            let message = format!("{error}; HOST is an address, PORT is 0 to 65535");
            IOServerError::new(message, 500_u16)
        })
    }

    /// The origins whose pages may call this server.
    pub(crate) fn origins(&self) -> Vec<String> {
        let of = |host: &str| format!("http://{host}:{}", self.port);
        vec![of(&self.host), of("localhost"), of("127.0.0.1")]
    }
}

/// A folder of this example, wherever it is started from.
pub(crate) fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}
