//! What the environment may set; `.env.example` lists it.

use std::{
    env::{self, VarError},
    fmt::Display,
    path::PathBuf,
    str::FromStr,
};

use ioserver::{
    CorsOptions, IOServerError, IOServerOptions, LogLevel, Network, Origin, Result, SocketOptions,
};

/// `HOST`, `PORT`, `LOG_LEVEL`, `ORIGINS`, `TRUST_PROXY` and `CLIENT_DIR`.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address to listen on.
    pub host: String,
    /// The port to listen on; 0 is any free one.
    pub port: u16,
    /// How much to log.
    pub log_level: LogLevel,
    /// The origins whose pages may call the server, besides its own.
    pub origins: Vec<String>,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub proxies: Vec<Network>,
    /// The folder `dist` of the npm package `socket.io-client`, for pages that load it from here.
    pub client_dir: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".into(),
            port: 3000,
            log_level: LogLevel::Information,
            origins: Vec::new(),
            proxies: Vec::new(),
            client_dir: None,
        }
    }
}

impl Settings {
    /// Reads the environment; what it does not name has its default.
    pub fn from_env() -> Result<Self> {
        let default = Self::default();
        Ok(Self {
            host: variable("HOST")?.unwrap_or(default.host),
            port: variable("PORT")?.unwrap_or(default.port),
            log_level: variable("LOG_LEVEL")?.unwrap_or(default.log_level),
            origins: list("ORIGINS")?,
            proxies: list("TRUST_PROXY")?,
            client_dir: variable("CLIENT_DIR")?,
        })
    }

    pub(crate) fn into_options(self) -> IOServerOptions {
        let origin = Origin::OneOf(vec![Origin::OwnHost, Origin::List(self.origins)]);
        IOServerOptions {
            host: self.host,
            port: self.port,
            verbose: self.log_level,
            cors: CorsOptions {
                origin,
                ..CorsOptions::default()
            },
            trust_proxy: self.proxies,
            // Clients need not know why something failed; `NotesController` tells the log.
            hide_internal: true,
            socket: SocketOptions {
                // Browsers let any page open a WebSocket.
                check_origin: true,
                client_dir: self.client_dir,
                ..SocketOptions::default()
            },
            ..IOServerOptions::default()
        }
    }
}

/// A variable of the environment; an empty one counts as missing.
fn variable<T: FromStr<Err: Display>>(name: &str) -> Result<Option<T>> {
    match env::var(name) {
        Ok(text) if text.is_empty() => Ok(None),
        Ok(text) => parse(name, &text).map(Some),
        Err(VarError::NotPresent) => Ok(None),
        Err(error) => {
            let message = format!("the variable {name}: {error}");
            Err(IOServerError::new(message, 500))
        }
    }
}

/// A variable with commas between its values.
fn list<T: FromStr<Err: Display>>(name: &str) -> Result<Vec<T>> {
    let text = variable::<String>(name)?.unwrap_or_default();
    let values = text.split(',').map(str::trim);
    values
        .filter(|value| !value.is_empty())
        .map(|value| parse(name, value))
        .collect()
}

fn parse<T: FromStr<Err: Display>>(name: &str, text: &str) -> Result<T> {
    text.parse().map_err(|error| {
        let message = format!("the variable {name} is `{text}`: {error}");
        IOServerError::new(message, 500)
    })
}
