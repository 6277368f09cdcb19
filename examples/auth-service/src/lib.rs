//! An auth-service for development: it publishes keys as BetterAuth does, lets people sign in with
//! one click, and hands out tokens to whoever asks. It therefore refuses to listen anywhere but on
//! the loopback interface.

mod authorize;
mod grants;
mod issuer;
mod keys_controller;
mod loopback;
mod oauth_controller;
mod page;
mod people;
mod random;
mod tokens_controller;

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use ioserver::{
    ControllerOptions, CorsOptions, IOServer, IOServerError, IOServerOptions, Origin, Result,
    RunningServer,
};
use ioserver_oidc::OidcConfig;
use tokio::net::TcpListener;

use grants::Grants;
use issuer::Issuer;
use keys_controller::KeysController;
use loopback::OwnNames;
use oauth_controller::OauthController;
use tokens_controller::TokensController;

/// What access tokens are for: the `resource` that apps ask for, and the audience of the tokens.
pub const AUDIENCE: &str = "https://api.example.test";

/// The `sub` of the person whose account apps shall keep out.
pub const DISABLED_SUB: &str = "mallory-sub";

/// How the auth-service runs.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "built with `..Options::new(…)`")]
pub struct Options {
    /// The address to listen on, on the loopback interface.
    pub host: String,
    /// The port; 0 is any free one.
    pub port: u16,
    /// The only client that people sign in to.
    pub client_id: &'static str,
    /// How long an access token is good.
    pub lifetime: Duration,
}

impl Options {
    /// On `127.0.0.1:3001`, with tokens for an hour.
    #[must_use]
    pub fn new(client_id: &'static str) -> Self {
        let (host, lifetime) = ("127.0.0.1".into(), Duration::from_secs(3600));
        Self { host, port: 3001, client_id, lifetime }
    }
}

/// What its controllers share.
#[derive(Debug)]
struct Service {
    issuer: Issuer,
    grants: Grants,
    client_id: &'static str,
    lifetime: Duration,
}

/// Starts the auth-service next to the app.
///
/// # Errors
///
/// If it cannot listen there, or strangers could reach it.
pub async fn start(options: &Options) -> Result<RunningServer> {
    let address = (options.host.as_str(), options.port);
    let listener = TcpListener::bind(address).await.map_err(|error| {
        let message = format!(
            "the development auth-service cannot listen on {}:{}: {error}; set AUTH_PORT to a free port",
            address.0, address.1
        );
        IOServerError::new(message, 500_u16)
    })?;
    let address = listener.local_addr()?;
    refuse_strangers(address)?;
    let Options { client_id, lifetime, .. } = *options;
    let issuer = Issuer::new(&url(address), client_id)?;
    let service = Arc::new(Service { issuer, grants: Grants::default(), client_id, lifetime });
    let mut server = IOServer::new(IOServerOptions {
        host: options.host.clone(),
        routes: PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("routes"),
        // Pages of any port of this machine ask for tokens; those of other sites must not read any.
        cors: CorsOptions { origin: Origin::function(loopback::origin), ..Default::default() },
        ..IOServerOptions::default()
    });
    server.add_controller(ControllerOptions {
        name: "keys",
        controller: |_| KeysController(Arc::clone(&service)),
        middlewares: vec![OwnNames],
        prefix: Some("/api/auth"),
    })?;
    server.add_controller(ControllerOptions {
        name: "oauth2",
        controller: |_| OauthController(Arc::clone(&service)),
        middlewares: vec![OwnNames],
        prefix: Some("/api/auth/oauth2"),
    })?;
    server.add_controller(ControllerOptions {
        name: "tokens",
        controller: |_| TokensController(Arc::clone(&service)),
        middlewares: vec![OwnNames],
        prefix: Some(""),
    })?;
    server.serve(listener).await
}

/// How an app trusts the auth-service at this address. The audience is set, so that ID tokens,
/// whose audience is the client, are no access tokens.
#[must_use]
pub fn config(address: SocketAddr, client_id: &str) -> OidcConfig {
    let mut config = OidcConfig::new(url(address), client_id);
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
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// Asks for a token, and hears the status.
    async fn mint(address: SocketAddr, host: &str) -> String {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let request =
            format!("POST /token/alice HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn a_page_of_another_name_that_leads_here_gets_no_token() {
        let running = start(&Options { port: 0, ..Options::new("app") }).await.unwrap();
        let address = running.address();
        assert!(mint(address, &address.to_string()).await.starts_with("HTTP/1.1 200"));
        let answer = mint(address, &format!("evil.test:{}", address.port())).await;
        assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");
        assert!(!answer.contains("eyJ"), "{answer}");
        running.stop().await.unwrap();
    }

    #[test]
    fn it_listens_on_the_loopback_interface_only() {
        assert!(refuse_strangers(([127, 0, 0, 1], 3001).into()).is_ok());
        let error = refuse_strangers(([0, 0, 0, 0], 3001).into()).unwrap_err();
        assert!(error.to_string().contains("set HOST to 127.0.0.1"), "{error}");
    }
}
