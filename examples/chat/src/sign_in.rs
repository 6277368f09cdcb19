//! The signed-in variant: who may come in is a matter of tokens.

use ioserver::{
    ControllerOptions, IOServer, ManagerOptions, Result, RunningServer, ServiceOptions,
};
use ioserver_oidc::{
    OidcConfig, OidcConfigManager, OidcHttpMiddleware, OidcSocketAdminMiddleware,
    OidcSocketMiddleware,
};
use serde::Serialize;

use crate::{
    controllers::MeController,
    managers::{SessionManager, UsersManager},
    services::{AdminService, ChatService},
    settings::{self, Settings},
};

const CLIENT_ID: &str = "example-chat";

/// The auth-service to use, and the development one if it is that.
pub(crate) struct SignIn {
    config: OidcConfig,
    development: Option<RunningServer>,
}

/// What the page needs to send people to the auth-service.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Client {
    pub(crate) auth_service: String,
    client_id: String,
    resource: String,
    scope: &'static str,
}

impl SignIn {
    /// The auth-service of the environment, else one for development in this process.
    pub(crate) async fn prepare(settings: &Settings) -> Result<Self> {
        if settings::has_auth_service() {
            return Ok(Self { config: OidcConfig::from_env()?, development: None });
        }
        let options = example_auth_service::Options {
            host: settings.host.clone(),
            port: settings.auth_port,
            lifetime: settings.token_lifetime(),
            ..example_auth_service::Options::new(CLIENT_ID)
        };
        let running = example_auth_service::start(&options).await?;
        let config = example_auth_service::config(running.address(), CLIENT_ID);
        Ok(Self { config, development: Some(running) })
    }

    pub(crate) fn client(&self) -> Client {
        Client {
            auth_service: self.config.auth_service_url.trim_end_matches('/').to_owned(),
            client_id: self.config.app_slug.clone(),
            resource: self.config.expected_audience().to_owned(),
            scope: "openid profile email offline_access roles",
        }
    }

    /// Adds what only the signed-in variant has, and the chat behind its middleware.
    pub(crate) fn add_to(&self, server: &mut IOServer) -> Result<()> {
        let manager = OidcConfigManager::with(self.config.clone());
        server.add_manager(ManagerOptions { name: "oidcConfig", manager })?;
        server.add_manager(ManagerOptions { name: "users", manager: UsersManager::new })?;
        server.add_manager(ManagerOptions { name: "session", manager: SessionManager::new })?;
        server.add_service(ServiceOptions {
            name: "chat",
            service: ChatService::new,
            middlewares: vec![OidcSocketMiddleware],
        })?;
        server.add_service(ServiceOptions {
            name: "admin",
            service: AdminService::new,
            middlewares: vec![OidcSocketMiddleware, OidcSocketAdminMiddleware],
        })?;
        server.add_controller(ControllerOptions {
            name: "me",
            controller: |_| MeController,
            middlewares: vec![OidcHttpMiddleware],
            prefix: Some("/me"),
        })?;
        Ok(())
    }

    pub(crate) async fn stop(self) -> Result<()> {
        match self.development {
            Some(running) => running.stop().await,
            None => Ok(()),
        }
    }
}
