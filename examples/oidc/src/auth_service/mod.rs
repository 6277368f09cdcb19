//! An auth-service for development: it publishes keys as BetterAuth does, and hands out tokens to
//! whoever asks. It therefore refuses to listen anywhere but on the loopback interface.

mod issuer;
mod keys_controller;
mod people;
mod tokens_controller;

use std::{net::SocketAddr, sync::Arc};

use ioserver::{
    ControllerOptions, IOServer, IOServerError, IOServerOptions, Result, RunningServer,
};
use ioserver_oidc::OidcConfig;
use tokio::net::TcpListener;

use crate::settings::{Settings, folder};
use issuer::Issuer;
use keys_controller::KeysController;
use tokens_controller::TokensController;

const APP_SLUG: &str = "example-oidc";
const AUDIENCE: &str = "https://api.example.test";

/// Starts the auth-service next to the app.
pub(crate) async fn start(settings: &Settings) -> Result<RunningServer> {
    let address = (settings.host.as_str(), settings.auth_port);
    let listener = TcpListener::bind(address).await.map_err(|error| {
        let message = format!(
            "the development auth-service cannot listen on {}:{}: {error}; set AUTH_PORT to a free port",
            address.0, address.1
        );
        IOServerError::new(message, 500_u16)
    })?;
    let address = listener.local_addr()?;
    refuse_strangers(address)?;
    let issuer = Arc::new(Issuer::new(&url(address))?);
    let mut server = IOServer::new(IOServerOptions {
        host: settings.host.clone(),
        routes: folder("auth-routes"),
        ..IOServerOptions::default()
    });
    server.add_controller(ControllerOptions {
        name: "keys",
        controller: |_| KeysController(Arc::clone(&issuer)),
        middlewares: vec![],
        prefix: Some("/api/auth"),
    })?;
    server.add_controller(ControllerOptions {
        name: "tokens",
        controller: |_| TokensController(Arc::clone(&issuer)),
        middlewares: vec![],
        prefix: Some(""),
    })?;
    server.serve(listener).await
}

/// How an app trusts this auth-service. The audience is set, so that ID tokens, whose audience is
/// the app's slug, are no access tokens.
pub(crate) fn config(address: SocketAddr) -> OidcConfig {
    let mut config = OidcConfig::new(url(address), APP_SLUG);
    config.audience = Some(AUDIENCE.into());
    config
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// Anyone who reaches it gets any token.
fn refuse_strangers(address: SocketAddr) -> Result<()> {
    if address.ip().is_loopback() {
        return Ok(());
    }
    let message = format!(
        "the development auth-service hands out tokens to anyone and refuses to listen on {address}; \
         set HOST to 127.0.0.1, or AUTH_SERVICE_URL to a real auth-service"
    );
    Err(IOServerError::new(message, 500_u16))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_listens_on_the_loopback_interface_only() {
        assert!(refuse_strangers(([127, 0, 0, 1], 3001).into()).is_ok());
        let error = refuse_strangers(([0, 0, 0, 0], 3001).into()).unwrap_err();
        assert!(error.to_string().contains("set HOST to 127.0.0.1"), "{error}");
    }
}
