//! The app and an auth-service, for one test.

use app::Settings;
use ioserver::{LogLevel, Result, testing::TestServer};
use ioserver_oidc::testing::AuthService;

pub async fn start() -> Result<(TestServer, AuthService)> {
    let auth = AuthService::start().await?;
    let settings = Settings {
        log_level: LogLevel::Error,
        ..Settings::default()
    };
    let server = app::server(settings, auth.config())?;
    Ok((TestServer::start(server).await?, auth))
}
