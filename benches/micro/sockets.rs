//! Sockets: an event with its ack over loopback, from the packet to the method and back.

use criterion::{Criterion, criterion_group, criterion_main};
use ioserver::{IOServer, IOServerOptions, Result, ServiceOptions, service};
use ioserver_bench::client::{Client, Target};
use serde_json::{Value, json};
use tokio::{runtime::Runtime, sync::Mutex};

fn dispatch(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime starts");
    let mut server = IOServer::new(IOServerOptions {
        host: "127.0.0.1".into(),
        port: 0,
        ..IOServerOptions::default()
    });
    server.add_service(ServiceOptions::new("/", |_| Talk)).expect("the service is sound");
    let server = runtime.block_on(server.start()).expect("the server starts");
    let address = server.address().to_string();
    let target = Target { address: &address, namespace: "/", token: None };
    let client = Mutex::new(runtime.block_on(Client::connect(target)).expect("it is let in"));
    for (what, data) in [
        ("a word", json!("hello")),
        ("an object", json!({ "text": "hello", "tags": ["a", "b"], "at": { "x": 1, "y": 2.5 } })),
    ] {
        criterion.bench_function(&format!("event with ack/{what}"), |bencher| {
            bencher.to_async(&runtime).iter(|| async {
                let mut client = client.lock().await;
                client.emit("echo", Some(1), &data).await.expect("the server reads");
                let packet = client.next().await.expect("the server answers");
                assert_eq!(client.ack_id(&packet), Some(1));
            });
        });
    }
    runtime.block_on(server.stop()).expect("the server stops");
}

struct Talk;

#[service]
impl Talk {
    pub async fn echo(&self, data: Value) -> Result<Value> {
        Ok(data)
    }
}

criterion_group!(benches, dispatch);
criterion_main!(benches);
