//! `examples/chat` answers as the original's chat application does.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::collections::BTreeMap;

use ioserver_tests::{Connected, Program, built, connect, folder};
use serde_json::{Value, json};

/// The running example.
struct Chat {
    program: Program,
    url: String,
}

impl Chat {
    async fn start(arguments: &[&str]) -> Self {
        let bundles = folder("parity/node_modules/socket.io-client/dist").display().to_string();
        let environment: BTreeMap<_, _> =
            [("PORT", "0".into()), ("AUTH_PORT", "0".into()), ("CLIENT_DIR", bundles)].into();
        let arguments = arguments.iter().copied();
        let mut program = Program::start(built("example-chat"), arguments, &environment);
        let url = |line: &str| {
            let url = line.strip_prefix("The chat is at ")?;
            url.split_whitespace().next().map(str::to_owned)
        };
        let url = program.wait_for("its address", url).await;
        Self { program, url }
    }

    async fn get(&self, path: &str) -> reqwest::Response {
        reqwest::get(format!("{}{path}", self.url)).await.unwrap()
    }

    async fn json(&self, path: &str) -> Value {
        self.get(path).await.json().await.unwrap()
    }

    async fn emit(&self, event: &str, payload: Value) -> Connected {
        connect(&format!("{}/chat", self.url), &json!({}), event, &payload).await
    }
}

#[tokio::test]
async fn http_answers_as_the_originals() {
    let chat = Chat::start(&[]).await;
    let page = chat.get("/").await;
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(page.headers().contains_key("content-security-policy"));
    assert!(page.text().await.unwrap().contains("IOServer Chat"));

    let mut health = chat.json("/health").await;
    assert!(health["timestamp"].take().is_string());
    let expected = json!({ "status": "OK", "timestamp": null, "service": "IOServer Chat App", "version": "2.0.0" });
    assert_eq!(health, expected);
    let status = chat.json("/api/status").await;
    assert_eq!((&status["status"], &status["version"]), (&json!("OK"), &json!("2.0.0")));
    assert_eq!(status["service"], "IOServer Chat App API");
    let stats = chat.json("/api/stats").await;
    assert_eq!((&stats["status"], &stats["data"]["totalUsers"]), (&json!("OK"), &json!(0)));
    assert!(stats["data"]["uptime"].as_str().unwrap().starts_with("0h 0m "), "{stats}");
    assert!(chat.get("/socket.io/socket.io.js").await.status().is_success());
}

#[tokio::test]
async fn events_are_acked_as_the_originals() {
    let chat = Chat::start(&[]).await;
    let early = chat.emit("send_message", json!({ "content": "hi" })).await;
    assert_eq!(early.ack, json!({ "status": "error", "message": "User not logged in" }));
    let nameless = chat.emit("login", json!({ "username": " " })).await;
    assert_eq!(nameless.ack, json!({ "status": "error", "message": "Username is required" }));

    // Twice: whoever has gone leaves the name to others.
    for _ in 0..2 {
        let login = chat.emit("login", json!({ "username": " Alice " })).await.ack;
        assert_eq!((&login["status"], &login["roomUsers"]), (&json!("success"), &json!(["Alice"])));
        assert_eq!(login["user"], json!({ "username": "Alice", "room": "general" }));
        assert_eq!(login["availableRooms"], json!([{ "name": "general", "userCount": 1 }]));
        let last = login["recentMessages"].as_array().unwrap().last().unwrap();
        assert_eq!((&last["type"], &last["username"]), (&json!("system"), &json!("System")));
    }
    let rooms = chat.emit("get_available_rooms", Value::Null).await;
    assert_eq!(rooms.ack["rooms"][0]["name"], "general");
    let odd = chat.emit("join_room", json!(5)).await;
    assert_eq!((&odd.ack["status"], &odd.ack["statusCode"]), (&json!("error"), &json!(400)));
}

#[tokio::test]
async fn signed_in_nobody_comes_in_without_a_token() {
    let chat = Chat::start(&["--sign-in"]).await;
    let refused = chat.emit("login", json!({ "username": "Mallory" })).await.refused;
    assert_eq!(refused.as_deref(), Some("ERR_AUTH_TOKEN_REQUIRED"));
    assert_eq!(chat.get("/me").await.status(), 401);
    let client = chat.json("/settings").await["signIn"].take();
    let policy = chat.get("/").await.headers()["content-security-policy"].clone();
    let auth_service = client["authService"].as_str().unwrap();
    assert!(policy.to_str().unwrap().contains(&format!("connect-src 'self' {auth_service};")));

    chat.program.signal("TERM").await;
    assert_eq!(chat.program.ended().await.code, Some(0));
}

#[tokio::test]
async fn the_token_endpoint_wants_the_verifier_of_the_code_and_takes_each_code_once() {
    let chat = Chat::start(&["--sign-in"]).await;
    let client = chat.json("/settings").await["signIn"].take();
    let auth = format!("{}/api/auth/oauth2", client["authService"].as_str().unwrap());
    // RFC 7636 appendix B.
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let home = format!("{}/", chat.url);
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let http = http.build().unwrap();
    let authorize = async |redirect_uri: &str, challenge: &str| {
        let query = format!(
            "response_type=code&client_id=example-chat&redirect_uri={redirect_uri}&state=s\
             &code_challenge={challenge}&code_challenge_method=S256&who=alice"
        );
        let answer = http.get(format!("{auth}/authorize?{query}")).send().await.unwrap();
        let to = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        (answer.status().as_u16(), to)
    };
    let token = async |code: &str, verifier: &str| {
        let form = format!(
            "grant_type=authorization_code&client_id=example-chat&redirect_uri={home}&code={code}\
             &code_verifier={verifier}&resource=https://api.example.test"
        );
        let request = http.post(format!("{auth}/token")).body(form);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.send().await.unwrap().json::<Value>().await.unwrap()
    };
    let code = async || {
        let (_, to) = authorize(&home, challenge).await;
        let to = to.unwrap();
        to.split_once("code=").unwrap().1.split('&').next().unwrap().to_owned()
    };

    assert_eq!(authorize("https://evil.test/", challenge).await, (400, None));
    let (_, to) = authorize(&home, "short").await;
    assert!(to.unwrap().contains("error=invalid_request"));

    assert_eq!(token(&code().await, &verifier.replace('d', "e")).await["error"], "invalid_grant");
    let good = code().await;
    let granted = token(&good, verifier).await;
    assert_eq!(granted["token_type"], "Bearer", "{granted}");
    assert_eq!(token(&good, verifier).await["error"], "invalid_grant");
    let me = http.get(format!("{}/me", chat.url));
    let me = me.bearer_auth(granted["access_token"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(me.json::<Value>().await.unwrap()["name"], "Alice");
}
