//! Node.js programs of this folder: the real socket.io-client and the real BetterAuth.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tokio::process::Command;

/// A folder beside this crate's manifest, such as `auth-provider`.
#[must_use]
pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Runs a script to its end and gives back the JSON that it printed.
///
/// # Panics
///
/// If Node.js or an npm package is missing, or the script fails: with all that it printed.
pub async fn run(script: &str, arguments: &[&str]) -> Value {
    let output = Command::new("node").arg(folder(script)).args(arguments).output().await;
    let output = output.expect("node runs; tests/run installs what the tests need");
    let (text, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{script} failed; tests/run installs its packages\n{errors}");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{script}: {error}\n{text}{errors}"))
}

/// What a real socket.io-client saw.
#[derive(Debug)]
#[non_exhaustive]
pub struct Connected {
    /// The message of its `connect_error`, if it was refused.
    pub refused: Option<String>,
    /// What the server acked its event with.
    pub ack: Value,
}

/// Connects a real socket.io-client with `auth`, and emits an event that wants an ack.
///
/// # Panics
///
/// As [`run`].
pub async fn connect(url: &str, auth: &Value, event: &str, payload: &Value) -> Connected {
    let request = json!({ "url": url, "auth": auth, "event": event, "payload": payload });
    let mut seen = run("clients/connect.mjs", &[&request.to_string()]).await;
    let refused = seen["refused"].as_str().map(str::to_owned);
    Connected { refused, ack: seen["ack"].take() }
}
