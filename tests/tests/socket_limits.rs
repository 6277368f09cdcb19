//! What strangers may take of the server's memory over sockets.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use ioserver::{
    AppHandle, IOServer, IOServerOptions, Limits, Result, RunningServer, ServiceOptions,
    SocketOptions, service,
};
use ioserver_tests::protocol::{Polling, Wire};

struct Echo;

#[service]
impl Echo {
    pub async fn echo(&self, number: u32) -> Result<u32> {
        Ok(number)
    }
}

async fn start(socket: SocketOptions, limits: Limits) -> RunningServer {
    let options =
        IOServerOptions { host: "127.0.0.1".into(), port: 0, socket, limits, ..Default::default() };
    let mut server = IOServer::new(options);
    server.add_service(ServiceOptions::new("/", |_: AppHandle| Echo)).unwrap();
    server.start().await.unwrap()
}

#[tokio::test]
async fn sessions_on_polling_outlive_their_connections_and_are_counted() {
    let limits = Limits { connections: 3, ..Limits::default() };
    let server = start(SocketOptions::default(), limits).await;
    let url = format!("http://{}/socket.io/?EIO=4&transport=polling", server.address());
    let http = reqwest::Client::new(); // one connection
    let mut sids = Vec::new();
    for _ in 0..3 {
        let opened = http.get(&url).send().await.unwrap();
        assert_eq!(opened.status(), 200);
        let open = opened.text().await.unwrap();
        sids.push(open.split('"').nth(3).unwrap().to_owned());
    }
    let refused = http.get(&url).send().await.unwrap();
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.text().await.unwrap(), r#"{"code":3,"message":"Too many sessions"}"#);

    for packet in ["40", "1"] {
        let session = format!("{url}&sid={}", sids[0]);
        assert_eq!(http.post(session).body(packet).send().await.unwrap().status(), 200);
    }
    while http.get(&url).send().await.unwrap().status() != 200 {
        tokio::task::yield_now().await; // its place is free when the engine has let it go
    }
}

#[tokio::test]
async fn an_auth_payload_that_is_too_large_is_refused_and_the_client_may_try_again() {
    let server = start(SocketOptions::default(), Limits::default()).await;
    let large = format!(r#"40{{"a":"{}"}}"#, "a".repeat(32 * 1024));
    let small = r#"40{"a":"a"}"#;
    let refusal = r#"44{"message":"Auth payload too large"}"#;

    let address = server.address().to_string();
    let mut wire = Wire::open(&address).await;
    wire.send(&large).await;
    assert_eq!(wire.packet("44").await, refusal);
    wire.send(small).await;
    wire.packet("40").await;

    let session = Polling::open(&address).await;
    session.post(large).await;
    assert_eq!(session.packet("44").await, refusal);
    session.post(small).await;
    session.packet("40").await;
}

#[tokio::test]
async fn packets_that_mean_nothing_cost_no_stack_however_many_are_read_at_once() {
    let socket = SocketOptions { read_buffer: 1 << 20, ..SocketOptions::default() };
    let server = start(socket, Limits::default()).await;
    let mut wire = Wire::join(&server.address().to_string(), "/").await.0;
    for _ in 0..100_000 {
        wire.feed("3x").await;
    }
    wire.send(r#"421["echo",1]"#).await;
    assert_eq!(wire.packet("431").await, "431[1]");
}
