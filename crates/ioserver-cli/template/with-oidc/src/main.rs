//! Starts the app, or asks one that is running whether it is well.

mod health;

use app::Settings;
use ioserver::Result;
use ioserver_oidc::OidcConfig;

#[tokio::main]
async fn main() -> Result<()> {
    let settings = Settings::from_env()?;
    if std::env::args().nth(1).as_deref() == Some("health") {
        return Ok(health::check(&settings)?);
    }
    let running = app::server(settings, OidcConfig::from_env()?)?
        .start()
        .await?;
    println!("Listening on http://{}", running.address());
    running.until(ioserver::shutdown_signal()).await
}
