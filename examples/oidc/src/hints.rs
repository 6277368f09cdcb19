//! What to try next.

use std::{net::SocketAddr, path::Path};

/// Prints commands that work as they are.
pub(crate) fn print(app: SocketAddr, auth: Option<SocketAddr>, database: &Path) {
    println!("IOServer listens on http://{app} (users in {})", database.display());
    let Some(auth) = auth else {
        println!(
            "Tokens come from AUTH_SERVICE_URL. Send one: curl -H \"Authorization: Bearer …\" http://{app}/api/me"
        );
        return;
    };
    println!(
        r#"The development auth-service listens on http://{auth} (open it in a browser for tokens)

Try, in another terminal:

  curl -i http://{app}/api/me                                  # 401, no token
  export TOKEN=$(curl -sX POST http://{auth}/token/alice)
  curl -i -H "Authorization: Bearer $TOKEN" http://{app}/api/me # 200
  curl -i -H "Authorization: Bearer $(curl -sX POST http://{auth}/token/mallory)" http://{app}/api/me   # 403, disabled
  curl -i -H "Authorization: Bearer $(curl -sX POST http://{auth}/token/expired)" http://{app}/api/me   # 401
  curl -i -H "Authorization: Bearer $(curl -sX POST http://{auth}/token/id-token)" http://{app}/api/me  # 401

and with socket.io-client (npm install socket.io-client), in node:

  const {{ io }} = require("socket.io-client");
  const chat = io("http://{app}/chat", {{ auth: {{ token: process.env.TOKEN }} }});
  chat.on("connect_error", (e) => console.log(e.message)); // ERR_AUTH_TOKEN_REQUIRED without a token
  chat.on("message", console.log);
  chat.emit("say", "hello", console.log);                  // {{ delivered: 1 }}

/admin lets in the token of http://{auth}/token/admin only. Stop with Ctrl-C."#
    );
}
