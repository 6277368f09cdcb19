//! What each profile of the suite sets.

use std::{env, path::PathBuf};

use ioserver::{
    CorsOptions, IOServerError, IOServerOptions, Limits, LogLevel, Mode, OnBadRoute, Origin,
    Result, SocketOptions,
};

/// One start of the app.
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) set: Set,
    pub(crate) options: IOServerOptions,
    /// The folder that holds `routes/` and `static/`.
    pub(crate) folder: PathBuf,
}

/// Which components there are.
pub(crate) enum Set {
    A,
    O,
    S,
}

impl Profile {
    pub(crate) fn new(name: &str, port: &str) -> Result<Self> {
        let port = port.parse().map_err(|error| wrong(format!("`--port {port}`: {error}")))?;
        let folder = env::var_os("PARITY_DIR").map(PathBuf::from);
        let folder = folder.ok_or_else(|| {
            wrong("`PARITY_DIR` is not set: name the folder that holds `routes` and `static`")
        })?;
        let mut options = compatible(IOServerOptions {
            host: "127.0.0.1".into(),
            port,
            routes: folder.join("routes"),
            socket: SocketOptions {
                client_dir: Some(folder.join("node_modules/socket.io-client/dist")),
                ..SocketOptions::default()
            },
            ..IOServerOptions::default()
        });
        let set = match name {
            "main" => Set::A,
            "cors" | "cors-any" | "cors-reflect" => {
                options.cors = cors(name);
                Set::A
            }
            "ws-only" => {
                options.mode = Mode::from_names(["websocket"]);
                options.verbose = verbose("information");
                Set::A
            }
            "polling-only" => {
                options.mode = Mode::from_names(["polling"]);
                options.verbose = verbose("nonsense");
                Set::A
            }
            "cookie" => {
                options.cookie = true;
                options.mode = Mode::from_names(["junk"]);
                Set::A
            }
            "static-spa" | "static-plain" => {
                options.root_dir = Some(folder.join("static"));
                options.spa_fallback = name == "static-spa";
                Set::S
            }
            "static-missing" => {
                options.root_dir = Some(folder.join("no-such-dir"));
                Set::S
            }
            "oidc" | "oidc-aud" | "oidc-slash" | "oidc-slash2" | "oidc-single" | "oidc-junk"
            | "oidc-badset" | "oidc-rotate" | "oidc-flaky" | "oidc-noenv" | "oidc-noslug" => {
                Set::O // they differ in what their environment says
            }
            _ => return Err(wrong(format!("there is no profile `{name}`"))),
        };
        Ok(Self { name: name.into(), set, options, folder })
    }
}

/// Every option that is not the default of a new server but gives back what was recorded.
///
/// The others stand where what they are about is added: a manager may fail to start (`flaky` in
/// `set_a.rs`, `oidcConfig` in `set_o.rs`), and OIDC has its own (`compatible` in `set_o.rs`).
fn compatible(options: IOServerOptions) -> IOServerOptions {
    IOServerOptions {
        // The original logs a route that it cannot register, and starts without it.
        on_bad_route: OnBadRoute::LogAndSkip,
        // Node takes 16 KiB of headers; the default here is twice that.
        limits: Limits { header_bytes: 16 * 1024, ..Limits::default() },
        ..options
    }
}

fn cors(profile: &str) -> CorsOptions {
    let list = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    match profile {
        "cors" => CorsOptions {
            origin: Origin::List(list(&["http://app.example", "http://b.example:8080"])),
            methods: list(&["GET", "POST", "PUT"]),
            credentials: true,
            allowed_headers: Some(list(&["Content-Type", "X-Token"])),
            exposed_headers: list(&["X-Exposed"]),
            max_age: Some(600),
            ..CorsOptions::default()
        },
        "cors-any" => CorsOptions { origin: Origin::Any, ..CorsOptions::default() },
        _ => CorsOptions { origin: Origin::Reflect, credentials: true, ..CorsOptions::default() },
    }
}

fn verbose(name: &str) -> LogLevel {
    name.parse().unwrap_or_default()
}

fn wrong(message: impl Into<std::borrow::Cow<'static, str>>) -> IOServerError {
    IOServerError::new(message, 400_u16)
}
