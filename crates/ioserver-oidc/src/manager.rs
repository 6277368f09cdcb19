//! The manager that holds the configuration.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use ioserver::{AppHandle, BaseManager, Capabilities, LogLevel, Result};

use crate::{
    OidcConfig, OidcError,
    jwks::{JwksSource, Reporter},
};

/// Reads and checks the configuration when the server starts. Add it under the name `oidcConfig`.
/// Where there is none of that name and one of another, a middleware refuses to start; the original
/// passes over it and reads the environment.
///
/// # Examples
///
/// ```
/// use ioserver::{IOServer, IOServerOptions, ManagerOptions};
/// use ioserver_oidc::{OidcConfig, OidcConfigManager};
///
/// # fn main() -> ioserver::Result<()> {
/// let mut server = IOServer::new(IOServerOptions::default());
/// let config = OidcConfig::new("https://auth.example.com", "my-app");
/// let manager = OidcConfigManager::with(config); // or `OidcConfigManager`: from the environment
/// server.add_manager(ManagerOptions { name: "oidcConfig", manager })?;
/// # Ok(())
/// # }
/// ```
pub struct OidcConfigManager {
    app: AppHandle,
    load: Box<dyn Fn() -> Result<OidcConfig, OidcError> + Send + Sync>,
    config: OnceLock<Arc<OidcConfig>>,
    reporter: OnceLock<Arc<Reporter>>,
}

/// Constructs an [`OidcConfigManager`](struct@OidcConfigManager) that reads the environment: the
/// `manager:` of its options.
#[expect(non_snake_case, reason = "a type lends its name, as in the original")]
#[must_use]
pub fn OidcConfigManager(app: AppHandle) -> OidcConfigManager {
    OidcConfigManager::new(app, OidcConfig::from_env)
}

impl OidcConfigManager {
    fn new<F>(app: AppHandle, load: F) -> Self
    where
        F: Fn() -> Result<OidcConfig, OidcError> + Send + Sync + 'static,
    {
        Self { app, load: Box::new(load), config: OnceLock::new(), reporter: OnceLock::new() }
    }

    /// A constructor with this configuration instead of the environment's.
    pub fn with(config: OidcConfig) -> impl FnOnce(AppHandle) -> Self {
        move |app| {
            Self::new(app, move || {
                config.validate()?;
                Ok(config.clone())
            })
        }
    }

    /// A constructor with the environment's configuration, which `tune` may change before it is
    /// used.
    pub fn tuned<F>(tune: F) -> impl FnOnce(AppHandle) -> Self
    where
        F: Fn(&mut OidcConfig) + Send + Sync + 'static,
    {
        move |app| {
            Self::new(app, move || {
                let mut config = OidcConfig::from_env()?;
                tune(&mut config);
                config.validate()?;
                Ok(config)
            })
        }
    }

    /// The original's line.
    fn greet(&self, config: &OidcConfig) {
        let (url, slug) = (config.base_url(), &config.app_slug);
        let line =
            format_args!("[OidcConfigManager] Initialized — authServiceUrl={url}, appSlug={slug}");
        self.app.log(LogLevel::Information, line);
    }

    /// The configuration.
    ///
    /// # Errors
    ///
    /// [`OidcError::NotStarted`] before the manager has started.
    #[doc(alias = "getConfig")]
    pub fn config(&self) -> Result<&Arc<OidcConfig>, OidcError> {
        self.config.get().ok_or(OidcError::NotStarted)
    }

    /// The issuer's keys, whose [`state`](JwksSource::state) tells whether tokens can be verified:
    /// for a readiness probe.
    ///
    /// # Errors
    ///
    /// As [`config`](Self::config).
    pub fn keys(&self) -> Result<Arc<JwksSource>, OidcError> {
        self.config()?.keys()
    }
}

impl BaseManager for OidcConfigManager {
    async fn start(&self) -> Result<()> {
        let config = Arc::new((self.load)()?);
        let verifier = config.verifier()?;
        self.greet(&config);
        let _ = self.reporter.set(verifier.announce(&config, &self.app));
        if config.jwks.fetch_at_start
            && let Err(error) = verifier.keys().refresh().await
        {
            // The server starts without the auth-service, and asks again when a token comes.
            let text = format_args!("[OidcConfigManager] no keys yet: {error}");
            self.app.log(LogLevel::Error, text);
        }
        let _ = self.config.set(config); // a second start keeps the first configuration
        Ok(())
    }

    fn provide(self: Arc<Self>, capabilities: &mut Capabilities) {
        capabilities.add::<dyn ConfigSource>(self);
    }
}

impl fmt::Debug for OidcConfigManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OidcConfigManager")
            .field("config", &self.config.get())
            .finish_non_exhaustive()
    }
}

/// What a manager named `oidcConfig` provides: the configuration. A manager of your own may stand
/// in for [`OidcConfigManager`](struct@OidcConfigManager).
pub trait ConfigSource: Send + Sync {
    /// The configuration, the same one each time. Asked once by each middleware, when all managers
    /// have started.
    ///
    /// # Errors
    ///
    /// Why there is none, for the log alone: nobody gets in, and clients hear 500 without the reason.
    fn oidc_config(&self) -> Result<Arc<OidcConfig>>;
}

impl ConfigSource for OidcConfigManager {
    fn oidc_config(&self) -> Result<Arc<OidcConfig>> {
        Ok(Arc::clone(self.config()?))
    }
}
