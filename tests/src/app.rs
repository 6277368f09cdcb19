//! `start-app` of this package, as it serves.

use std::{collections::BTreeMap, fs};

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::{Connected, Ended, Program, connect, program::built};

/// A running `start-app` with all options at their defaults.
#[derive(Debug)]
pub struct App {
    program: Program,
    url: String,
    _routes: tempfile::TempDir,
}

impl App {
    /// Starts it with these parts and this environment, and waits until it listens.
    ///
    /// # Panics
    ///
    /// If it does not.
    pub async fn start(parts: &[&str], environment: &BTreeMap<&str, String>) -> Self {
        let routes = tempfile::tempdir().expect("there is room for route files");
        for (controller, handler) in [("api", "me"), ("open", "hello")] {
            let route = json!([
                { "method": "GET", "url": format!("/{handler}"), "handler": handler }
            ]);
            let file = routes.path().join(format!("{controller}.json"));
            fs::write(file, route.to_string()).expect("a route file can be written");
        }
        let folder = routes.path().to_str().expect("the folder's name is text");
        let arguments = ["0", folder].into_iter().chain(parts.iter().copied());
        let mut program = Program::start(built("start-app"), arguments, environment);
        let address = |line: &str| line.strip_prefix("listening on ").map(str::to_owned);
        let url = format!("http://{}", program.wait_for("its address", address).await);
        Self { program, url, _routes: routes }
    }

    /// A request, ready to be sent.
    pub fn get(&self, path: &str) -> RequestBuilder {
        reqwest::Client::new().get(format!("{}{path}", self.url))
    }

    /// What `/api/me` answers to a token: status, `Retry-After`, body.
    ///
    /// # Panics
    ///
    /// If it does not answer with JSON.
    pub async fn me(&self, token: &str) -> (u16, Option<String>, Value) {
        let answer = self.get("/api/me").bearer_auth(token).send().await.expect("it answers");
        let retry = answer.headers().get("retry-after");
        let retry = retry.and_then(|retry| retry.to_str().ok()).map(str::to_owned);
        let status = answer.status().as_u16();
        (status, retry, answer.json().await.expect("it answers with JSON"))
    }

    /// Connects a real socket.io-client to `/chat` with a token.
    ///
    /// # Panics
    ///
    /// As [`connect`].
    pub async fn chat(&self, token: &str) -> Connected {
        let url = format!("{}/chat", self.url);
        connect(&url, &json!({ "token": token }), "whoami", &Value::Null).await
    }

    /// The program, to send it signals and to read its lines.
    pub fn program(&mut self) -> &mut Program {
        &mut self.program
    }

    /// Waits until the program has ended.
    ///
    /// # Panics
    ///
    /// If it still runs after a minute.
    pub async fn ended(self) -> Ended {
        self.program.ended().await
    }
}
