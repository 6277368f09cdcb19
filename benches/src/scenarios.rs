//! What is measured, on which servers.

use std::{io, path::PathBuf, time::Duration};

use ioserver_bench::issuer::{Algorithm, Issuer};

use crate::{
    load::{
        acks,
        broadcast::{self, Plan},
        connects,
        http::{self, As},
        idle,
    },
    process::{Program, Server, built},
    results::Results,
    verify,
};

/// Our app and what it is held against.
pub(crate) const OURS: &str = "ioserver";
pub(crate) const HYPER: &str = "bare hyper";
pub(crate) const SIGNATURE: &str = "bare hyper, signature alone";
pub(crate) const AXUM: &str = "axum";
pub(crate) const ORIGINAL: &str = "the original";
pub(crate) const SOCKETIOXIDE: &str = "bare socketioxide";
pub(crate) const LEAN: &str = "bare socketioxide, lean";

/// All scenarios, in the order in which a round runs them.
pub(crate) const ALL: [&str; 16] = [
    "http-public",
    "http-seen-RS256",
    "http-seen-ES256",
    "http-seen-EdDSA",
    "http-first-RS256",
    "http-first-ES256",
    "http-first-EdDSA",
    "verify",
    "acks",
    "connects",
    "idle",
    "broadcast",
    "broadcast-stalled",
    "scale",
    "keys",
    "start",
];

/// The settings of a run, and what all scenarios share.
pub(crate) struct Bench {
    pub(crate) issuer: Issuer,
    pub(crate) crowded: Issuer,
    pub(crate) tokens: PathBuf,
    pub(crate) time: Duration,
    pub(crate) sockets: usize,
    pub(crate) results: Results,
}

impl Bench {
    /// One round of one scenario, on each of its servers in turn.
    pub(crate) async fn round(&mut self, scenario: &str) -> io::Result<()> {
        if let Some(algorithm) = algorithm_of(scenario, "http-seen-") {
            return self.seen(scenario, algorithm).await;
        }
        if let Some(algorithm) = algorithm_of(scenario, "http-first-") {
            return self.first(scenario, algorithm).await;
        }
        match scenario {
            "http-public" => self.public().await,
            "acks" => self.acks().await,
            "connects" => self.connects().await,
            "idle" => self.idle().await,
            "broadcast" => self.broadcast(scenario, 0).await,
            "broadcast-stalled" => self.broadcast(scenario, 10).await,
            "scale" => self.scale().await,
            "keys" => self.keys().await,
            "verify" => self.verify().await,
            "start" => self.start().await,
            other => Err(io::Error::other(format!("there is no scenario `{other}`"))),
        }
    }

    async fn public(&mut self) -> io::Result<()> {
        for (name, program) in http_servers() {
            let server = program.start(&self.issuer).await?;
            self.at_rest("http-public", name, &server);
            self.warm(&server).await?;
            self.http("http-public", name, &server, "/api/hello", As::Nobody).await?;
            server.stop().await?;
        }
        Ok(())
    }

    /// The same token in each request.
    async fn seen(&mut self, scenario: &str, algorithm: Algorithm) -> io::Result<()> {
        let token = self.issuer.token(algorithm, 0);
        for (name, program) in [(OURS, ours()), (ORIGINAL, Program::original())] {
            let server = program.start(&self.issuer).await?;
            self.warm(&server).await?;
            self.http(scenario, name, &server, "/secure/me", As::Token(&token)).await?;
            server.stop().await?;
        }
        Ok(())
    }

    /// A token of its own in each request.
    async fn first(&mut self, scenario: &str, algorithm: Algorithm) -> io::Result<()> {
        let file = self.tokens.join(algorithm.name());
        let warm = self.issuer.token(algorithm, usize::MAX);
        let me = http_servers().map(|(name, program)| (name, program, "/secure/me".to_owned()));
        let signature = format!("/signature/{}", algorithm.name());
        let bare = (SIGNATURE, Program::built("bare-hyper"), signature);
        for (name, program, path) in me.into_iter().chain([bare]) {
            let server = program.start(&self.issuer).await?;
            self.warm(&server).await?;
            http::run(&server, &path, As::Token(&warm), Duration::from_secs(1)).await?;
            self.http(scenario, name, &server, &path, As::Tokens(&file)).await?;
            server.stop().await?;
        }
        Ok(())
    }

    async fn acks(&mut self) -> io::Result<()> {
        let token = self.issuer.token(Algorithm::EdDsa, 0);
        let chat = Some(&*token);
        for (name, program, namespace, token) in [
            (OURS, ours(), "/", None),
            ("ioserver, /chat", ours(), "/chat", chat),
            (SOCKETIOXIDE, socketioxide(), "/", None),
            (ORIGINAL, Program::original(), "/", None),
        ] {
            let server = program.start(&self.issuer).await?;
            acks::run(&server, namespace, token, Duration::from_secs(1)).await?; // warms up
            let acks = acks::run(&server, namespace, token, self.time).await?;
            server.stop().await?;
            let late = acks.out_of_order / acks.count;
            self.results.push(
                "acks",
                name,
                &[
                    ("cpu", acks.cpu),
                    ("per second", acks.per_second),
                    ("p50", acks.p50),
                    ("p99", acks.p99),
                    ("out of order", late),
                ],
            );
        }
        Ok(())
    }

    async fn connects(&mut self) -> io::Result<()> {
        let token = self.issuer.token(Algorithm::EdDsa, 0);
        let chat = Some(&*token);
        for (name, program, namespace, token) in [
            (OURS, ours(), "/", None),
            ("ioserver, /chat", ours(), "/chat", chat),
            (SOCKETIOXIDE, socketioxide(), "/", None),
            (ORIGINAL, Program::original(), "/", None),
            ("the original, /chat", Program::original(), "/chat", chat),
        ] {
            let server = program.start(&self.issuer).await?;
            let connects = connects::run(&server, namespace, token, self.sockets / 2).await?;
            server.stop().await?;
            self.results.push(
                "connects",
                name,
                &[("cpu", connects.cpu), ("per second", connects.per_second)],
            );
        }
        Ok(())
    }

    async fn idle(&mut self) -> io::Result<()> {
        let token = self.issuer.token(Algorithm::EdDsa, 0);
        let chat = Some(&*token);
        for (name, program, namespace, token) in [
            (OURS, ours(), "/", None),
            ("ioserver, /chat", ours(), "/chat", chat),
            (SOCKETIOXIDE, socketioxide(), "/", None),
            (LEAN, socketioxide().set("LEAN", "1"), "/", None),
            (ORIGINAL, Program::original(), "/", None),
        ] {
            let server = program.start(&self.issuer).await?;
            let idle = idle::run(&server, namespace, token, self.sockets).await?;
            server.stop().await?;
            self.results.push(
                "idle",
                name,
                &[
                    ("kB each", idle.memory / 1024.0),
                    ("given back", idle.given_back),
                    ("to the start", idle.left),
                ],
            );
        }
        Ok(())
    }

    async fn broadcast(&mut self, scenario: &str, stalled: usize) -> io::Result<()> {
        let plan = Plan { readers: self.sockets / 10, stalled, messages: 20 * self.seconds() };
        for (name, program) in
            [(OURS, ours()), (SOCKETIOXIDE, socketioxide()), (ORIGINAL, Program::original())]
        {
            let server = program.start(&self.issuer).await?;
            let heard = broadcast::run(&server, plan).await;
            let heard = heard.map_err(|error| io::Error::other(format!("{name}: {error}")))?;
            server.stop().await?;
            self.results.push(
                scenario,
                name,
                &[("cpu", heard.cpu), ("p50", heard.p50), ("p99", heard.p99)],
            );
        }
        Ok(())
    }

    /// What does not matter must not cost, and what matters little must cost little.
    async fn scale(&mut self) -> io::Result<()> {
        for (name, setting, number) in [
            ("as it is", "ROUTES", "1"),
            ("10,000 routes", "ROUTES", "10000"),
            ("1,000 namespaces", "NAMESPACES", "1000"),
            ("20 middlewares elsewhere", "ELSEWHERE", "20"),
            ("20 own middlewares", "MIDDLEWARES", "20"),
            ("20 own hooks", "HOOKS", "20"),
        ] {
            let server = many().set(setting, number).start(&self.issuer).await?;
            self.warm(&server).await?;
            self.http("scale", name, &server, "/api/hello", As::Nobody).await?;
            server.stop().await?;
        }
        Ok(())
    }

    /// First sight of tokens with 100 keys in the set.
    async fn keys(&mut self) -> io::Result<()> {
        let file = self.tokens.join("crowded");
        let server = ours().start(&self.crowded).await?;
        self.warm(&server).await?;
        self.http("keys", "100 keys", &server, "/secure/me", As::Tokens(&file)).await?;
        server.stop().await
    }

    /// Verifications by themselves, without a server.
    async fn verify(&mut self) -> io::Result<()> {
        for algorithm in verify::ALGORITHMS {
            let rates = verify::run(algorithm, self.time / 4).await?;
            let figures: Vec<_> = verify::COLUMNS.into_iter().zip(rates).collect();
            self.results.push("verify", algorithm.as_str(), &figures);
        }
        Ok(())
    }

    async fn start(&mut self) -> io::Result<()> {
        for (name, program) in [
            ("bench-app", ours()),
            ("1,000 routes with schemas", many().set("ROUTES", "1000").set("SCHEMAS", "1")),
            (ORIGINAL, Program::original()),
        ] {
            let server = program.start(&self.issuer).await?;
            let milliseconds = server.started_in.as_secs_f64() * 1e3;
            server.stop().await?;
            self.results.push("start", name, &[("ms", milliseconds)]);
        }
        Ok(())
    }

    async fn http(
        &mut self,
        scenario: &str,
        name: &str,
        server: &Server,
        path: &str,
        who: As<'_>,
    ) -> io::Result<()> {
        let http = http::run(server, path, who, self.time).await?;
        self.results.push(
            scenario,
            name,
            &[
                ("cpu", http.cpu),
                ("per second", http.per_second),
                ("p50", http.p50),
                ("p99", http.p99),
            ],
        );
        Ok(())
    }

    /// Until Node has compiled what is hot, and all have their buffers.
    async fn warm(&self, server: &Server) -> io::Result<()> {
        http::run(server, "/api/hello", As::Nobody, Duration::from_secs(1)).await.map(drop)
    }

    fn at_rest(&mut self, scenario: &str, name: &str, server: &Server) {
        let megabytes = server.memory() / f64::from(1 << 20);
        self.results.push(scenario, name, &[("MB at rest", megabytes)]);
    }

    fn seconds(&self) -> usize {
        usize::try_from(self.time.as_secs().max(1)).unwrap_or(1)
    }
}

fn algorithm_of(scenario: &str, prefix: &str) -> Option<Algorithm> {
    let name = scenario.strip_prefix(prefix)?;
    Algorithm::ALL.into_iter().find(|algorithm| algorithm.name() == name)
}

fn http_servers() -> [(&'static str, Program); 4] {
    [
        (OURS, ours()),
        (HYPER, Program::built("bare-hyper")),
        (AXUM, Program::built("axum-app")),
        (ORIGINAL, Program::original()),
    ]
}

fn ours() -> Program {
    Program::built("bench-app")
}

fn socketioxide() -> Program {
    Program::built("bare-socketioxide")
}

fn many() -> Program {
    Program::built("many")
}

/// The size of a program without its symbols, in megabytes.
pub(crate) fn stripped_size(name: &str) -> Option<f64> {
    let stripped = built(&format!("{name}-stripped"));
    let strip =
        std::process::Command::new("strip").arg(built(name)).arg("-o").arg(&stripped).status();
    strip.ok().filter(std::process::ExitStatus::success)?;
    let bytes = std::fs::metadata(&stripped).ok()?.len();
    std::fs::remove_file(&stripped).ok()?;
    Some(bytes as f64 / 1e6)
}
