//! The browser's side of Socket.IO, from npm: the server hands it out at `/socket.io/`.

use std::{path::PathBuf, process::ExitStatus};

use ioserver::{IOServerError, Result};
use tokio::process::Command;

use crate::settings::{Settings, folder};

/// The folder of the bundles: `CLIENT_DIR`, or this example's own, which npm fills on the first
/// start.
pub(crate) async fn folder_of_bundles(settings: &Settings) -> Result<PathBuf> {
    if let Some(dir) = &settings.client_dir {
        return Ok(dir.clone());
    }
    let dir = folder("node_modules/socket.io-client/dist");
    if !dir.is_dir() {
        install().await?;
    }
    Ok(dir)
}

/// What package-lock.json names, and none of the packages' own scripts.
async fn install() -> Result<()> {
    println!("Getting socket.io-client from npm, once …");
    let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]);
    match npm.current_dir(folder("")).kill_on_drop(true).status().await {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failed(&ended(status))),
        Err(error) => Err(failed(&format!("npm cannot be started: {error}"))),
    }
}

fn ended(status: ExitStatus) -> String {
    format!("`npm ci` in {} ended with {status}", folder("").display())
}

fn failed(why: &str) -> IOServerError {
    let message = format!(
        "{why}; install Node.js 20 or later, or set CLIENT_DIR to the folder `dist` of the npm \
         package socket.io-client 4"
    );
    IOServerError::new(message, 500_u16)
}
