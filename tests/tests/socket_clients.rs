//! The real clients, which know nothing of us.

use ioserver::SocketOptions;
use ioserver_tests::{echo::serve, node};
use serde_json::json;

#[tokio::test]
async fn clients_of_both_lines_get_along_on_every_transport() {
    let server = serve(SocketOptions::default()).await;
    let url = format!("http://{}", server.address());
    for package in ["socket.io-client", "socket.io-client-3"] {
        let seen = node("clients/flows.mjs", &[package, &url]).await;
        for (way, transport) in
            [("polling", "polling"), ("websocket", "websocket"), ("upgrade", "websocket")]
        {
            let expected = json!({
                "transport": transport,
                "sessionIsNotSocket": way != "websocket",
                "echo": [1, "two", { "three": [null] }],
                "binary": "010203",
                "coffee": ["☕"],
                "length": 5000,
                "reason": "io server disconnect",
            });
            assert_eq!(seen[way], expected, "{package}, {way}");
        }
    }
}
