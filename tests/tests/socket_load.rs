//! Order, completeness and memory when much is sent.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::time::Duration;

use ioserver::{
    AppHandle, DisconnectReason, IOServer, IOServerError, IOServerOptions, NamespaceOptions,
    Result, RunningServer, ServiceOptions, SlowClients, Socket, SocketOptions, service,
};
use ioserver_tests::protocol::{Polling, Wire, soon};
use tokio::{
    net::{TcpSocket, TcpStream},
    sync::mpsc::{UnboundedSender, unbounded_channel},
};

struct Load(AppHandle);

#[service]
impl Load {
    pub async fn echo(&self, number: u32) -> Result<u32> {
        Ok(number)
    }

    /// Answers after a wait: those behind it may not overtake its beginning.
    pub async fn later(&self, socket: Socket, number: u32) {
        socket.emit("begun", number);
        tokio::task::yield_now().await;
        socket.emit("done", number);
    }

    pub async fn burst(&self, socket: Socket, count: u32) -> Result<()> {
        match (0..count).all(|number| socket.emit("number", number)) {
            true => Ok(()),
            false => Err(IOServerError::new("not all are sent", 503)),
        }
    }

    /// Sends everybody so many messages of this size, a few at a time.
    pub async fn flood(&self, socket: Socket, count: u32, size: usize) -> Result<u64> {
        let text = "a".repeat(size);
        for number in 0..count {
            socket.broadcast().emit("flood", (number, &text));
            tokio::task::yield_now().await;
        }
        Ok(self.0.messages_lost("/"))
    }
}

async fn start(socket: SocketOptions) -> RunningServer {
    let options =
        IOServerOptions { host: "127.0.0.1".into(), port: 0, socket, ..Default::default() };
    let mut server = IOServer::new(options);
    server.add_service(ServiceOptions::new("/", Load)).unwrap();
    server.start().await.unwrap()
}

async fn join(server: &RunningServer) -> Wire {
    Wire::join(&server.address().to_string(), "/").await.0
}

/// A client in the namespace that reads nothing more, with as small a buffer as there is.
async fn deaf(server: &RunningServer) -> Wire {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let stream: TcpStream = socket.connect(server.address()).await.unwrap();
    let mut wire = Wire::over(stream).await;
    wire.enter("/").await;
    wire
}

async fn wait_for_count(server: &RunningServer, count: usize) {
    let reached = async {
        while server.app().sockets("/").unwrap().count() != count {
            tokio::task::yield_now().await;
        }
    };
    soon("the client's end", reached).await;
}

/// This process' resident memory, in bytes.
fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn acks_come_back_in_the_order_of_the_events_under_load() {
    let server = start(SocketOptions::default()).await;
    let clients = (0..20).map(async |_| {
        let mut wire = join(&server).await;
        for round in 0..20 {
            for number in round * 100..(round + 1) * 100 {
                wire.feed(&format!("42{number}[\"echo\",{number}]")).await;
            }
            wire.send("42[\"nobody\"]").await; // sends what was fed
            for number in round * 100..(round + 1) * 100 {
                assert_eq!(wire.packet("43").await, format!("43{number}[{number}]"));
            }
        }
    });
    futures_util::future::join_all(clients).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn methods_run_in_order_up_to_their_first_wait() {
    let server = start(SocketOptions::default()).await;
    let mut wire = join(&server).await;
    for number in 0..1000 {
        wire.feed(&format!("42[\"later\",{number}]")).await;
    }
    wire.send("42[\"nobody\"]").await;
    let (mut begun, mut done) = (0, 0);
    while done < 1000 {
        let packet = wire.packet("42[\"").await;
        if packet.starts_with("42[\"begun\"") {
            assert_eq!(packet, format!("42[\"begun\",{begun}]"));
            begun += 1;
        } else {
            done += 1;
        }
    }
    assert_eq!(begun, 1000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_burst_of_20_000_emits_arrives_complete_and_in_order() {
    let server = start(SocketOptions::default()).await;
    let mut wire = join(&server).await;
    wire.send("42[\"burst\",20000]").await;
    for number in 0..20_000 {
        assert_eq!(wire.packet("42").await, format!("42[\"number\",{number}]"));
    }
    let session = Polling::open(&server.address().to_string()).await;
    session.post("40").await;
    session.packet("40").await;
    session.post("42[\"burst\",20000]").await;
    for number in 0..20_000 {
        assert_eq!(session.packet("42").await, format!("42[\"number\",{number}]"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_client_that_does_not_read_is_disconnected_and_the_others_get_everything() {
    let server = start(SocketOptions { max_backlog: 4 << 20, ..Default::default() }).await;
    let _deaf = deaf(&server).await;
    let (mut reader, mut sender) = (join(&server).await, join(&server).await);
    assert_eq!(server.app().sockets("/").unwrap().count(), 3);
    let before = memory();
    sender.send("421[\"flood\",2000,50000]").await; // 100 MB for each
    for number in 0..2000 {
        let packet = reader.packet("42[\"flood\"").await;
        assert!(packet.starts_with(&format!("42[\"flood\",{number},\"")));
    }
    sender.packet("431[").await;
    wait_for_count(&server, 2).await;
    let grown = memory().saturating_sub(before) >> 20;
    assert!(grown < 60, "memory grew by {grown} MB");
}

/// Sends to its own client more than its queue has a place for, and says what became of it.
struct Own(UnboundedSender<(usize, u64)>, AppHandle);

#[service]
impl Own {
    pub async fn burst(&self, socket: Socket) {
        let failed = (0..100).filter(|number| !socket.emit("number", number)).count();
        let _ = self.0.send((failed, self.1.messages_lost("/")));
    }

    pub async fn disconnect(&self, reason: DisconnectReason) {
        let _ = self.0.send((usize::MAX, u64::from(reason == KICKED)));
    }
}

const KICKED: DisconnectReason = DisconnectReason::ServerNamespaceDisconnect;

/// On polling, where nothing is taken from the queue while the client does not poll.
#[tokio::test]
async fn what_a_full_queue_has_no_place_for_is_an_error_and_counted_and_the_client_goes() {
    for slow_clients in [SlowClients::Disconnect, SlowClients::Drop] {
        let each_namespace = NamespaceOptions { slow_clients, ..NamespaceOptions::default() };
        let socket = SocketOptions { max_buffer: 20, each_namespace, ..Default::default() };
        let options =
            IOServerOptions { host: "127.0.0.1".into(), port: 0, socket, ..Default::default() };
        let mut server = IOServer::new(options);
        let (said, mut heard) = unbounded_channel();
        server
            .add_service(ServiceOptions::new("/", move |app: AppHandle| Own(said.clone(), app)))
            .unwrap();
        let server = server.start().await.unwrap();
        let session = Polling::open(&server.address().to_string()).await;
        session.post("40").await;
        session.packet("40").await;
        session.post("42[\"burst\"]").await;
        let (failed, lost) = soon("the burst", heard.recv()).await.unwrap();
        assert!((80..100).contains(&failed), "{failed}");
        assert!(lost > 0 && lost <= failed as u64, "{lost} of {failed}");
        let left = server.app().sockets("/").unwrap();
        if slow_clients == SlowClients::Drop {
            assert_eq!(left.count(), 1);
            assert_eq!(lost, failed as u64);
            assert_eq!(session.packet("42").await, "42[\"number\",0]");
        } else {
            while session.poll().await.status == 200 {}
            assert_eq!(soon("a reason", heard.recv()).await, Some((usize::MAX, 1)));
        }
    }
}

/// Floods as [`Load`] does, and tells why clients go.
struct Watched(UnboundedSender<DisconnectReason>);

#[service]
impl Watched {
    pub async fn flood(&self, socket: Socket) {
        let text = "a".repeat(50_000);
        for _ in 0..400 {
            socket.broadcast().emit("flood", &text);
            tokio::task::yield_now().await;
        }
    }

    pub async fn disconnect(&self, reason: DisconnectReason) {
        let _ = self.0.send(reason);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_client_that_does_not_read_is_said_to_be_disconnected_by_the_server() {
    let socket = SocketOptions { max_backlog: 1 << 20, ..Default::default() };
    let options =
        IOServerOptions { host: "127.0.0.1".into(), port: 0, socket, ..Default::default() };
    let mut server = IOServer::new(options);
    let (sender, mut reasons) = unbounded_channel();
    server.add_service(ServiceOptions::new("/", move |_| Watched(sender.clone()))).unwrap();
    let server = server.start().await.unwrap();
    let _deaf = deaf(&server).await;
    let mut flooding = join(&server).await;
    flooding.send("42[\"flood\"]").await;
    let reason = soon("a reason", reasons.recv()).await;
    assert_eq!(reason, Some(DisconnectReason::ServerNamespaceDisconnect));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_client_that_does_not_read_may_miss_messages_instead_and_they_are_counted() {
    let each_namespace =
        NamespaceOptions { slow_clients: SlowClients::Drop, ..NamespaceOptions::default() };
    let options = SocketOptions { max_backlog: 1 << 20, each_namespace, ..Default::default() };
    let server = start(options).await;
    let (mut deaf, mut sender) = (deaf(&server).await, join(&server).await);
    let mut lost = 0;
    while lost == 0 {
        sender.send("421[\"flood\",100,50000]").await;
        lost = sender.packet("431[").await[4..].trim_end_matches(']').parse().unwrap();
    }
    assert_eq!(server.app().sockets("/").unwrap().count(), 2);
    // It reads again, and gets what is sent from then on.
    let mut previous = None;
    let heard = async {
        loop {
            let packet = deaf.packet("42[\"").await;
            if packet.starts_with("42[\"flood\",777,") {
                return;
            }
            let number = packet.split(',').nth(1).and_then(|number| number.parse::<u32>().ok());
            assert!(number.is_some() && number != previous, "{number:?} again");
            previous = number;
        }
    };
    let again = async {
        loop {
            server.app().send(ioserver::SendTo::new("flood", (777, "again")));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        () = soon("a message", heard) => {}
        () = again => {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_client_that_answers_pings_without_polling_is_let_go() {
    let ping = Duration::from_millis(100);
    let options =
        SocketOptions { ping_interval: ping, ping_timeout: ping, ..SocketOptions::default() };
    let server = start(options).await;
    let session = Polling::open(&server.address().to_string()).await;
    session.post("40").await;
    session.packet("40").await;
    let posting = async {
        while session.post("3").await.status == 200 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    soon("the end of the session", posting).await;
    wait_for_count(&server, 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_flood_of_junk_leaves_memory_flat_and_the_server_alive() {
    let server = start(SocketOptions::default()).await;
    let address = &server.address().to_string();
    let round = async || {
        let clients = (0..50).map(async |_| {
            let mut wire = Wire::open(address).await;
            for number in 0..100 {
                wire.feed(&format!("40/none-{number}")).await;
                wire.feed("40").await;
                wire.feed("42[\"nobody\",{\"a\":[[[[[[]]]]]]}]").await;
            }
            wire.send("4").await;
            wire.closed().await;
        });
        futures_util::future::join_all(clients).await;
    };
    round().await;
    round().await;
    let before = memory();
    for _ in 0..5 {
        round().await;
    }
    let grown = memory().saturating_sub(before) >> 20;
    assert!(grown < 16, "memory grew by {grown} MB");
    let mut wire = join(&server).await;
    wire.send("421[\"echo\",1]").await;
    wire.packet("431[1]").await;
}
