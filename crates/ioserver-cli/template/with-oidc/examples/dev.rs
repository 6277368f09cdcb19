//! The app beside an auth-service of its own, for trying it without any other:
//! `cargo run --example dev`. The auth-service listens on loopback only.

use app::Settings;
use ioserver::Result;
use ioserver_oidc::testing::AuthService;

#[tokio::main]
async fn main() -> Result<()> {
    let auth = AuthService::start().await?;
    let alice = auth.mint("alice").token();
    let server = app::server(Settings::from_env()?, auth.config())?;
    let running = server.start().await?;
    let url = format!("http://{}", running.address());
    println!(
        r#"Listening on {url}. In another terminal:

  curl -i {url}/notes     # 401: there is no token

  TOKEN={alice}
  curl -i -H "Authorization: Bearer $TOKEN" --json '{{"text":"hi"}}' {url}/notes
  curl -i -H "Authorization: Bearer $TOKEN" {url}/notes

Alice's token is good for an hour. Stop with Ctrl-C."#
    );
    running.until(ioserver::shutdown_signal()).await
}
