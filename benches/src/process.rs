//! A server under measurement: started, pinned to its own core, and read from /proc.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
    sync::OnceLock,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

use ioserver_bench::issuer::Issuer;

/// Linux counts CPU time for programs in hundredths of a second, whatever the kernel's own clock.
const TICK: Duration = Duration::from_millis(10);

/// A program that answers on a port. It is killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
    /// From starting the program to its word that it listens.
    pub(crate) started_in: Duration,
}

/// How a program is started: its command, without `--port N`.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) command: Vec<String>,
    pub(crate) environment: Vec<(&'static str, String)>,
}

impl Program {
    /// A program of this workspace, built by `benches/run`.
    pub(crate) fn built(name: &str) -> Self {
        let command = vec![built(name).display().to_string()];
        Self { command, environment: Vec::new() }
    }

    /// The original.
    pub(crate) fn original() -> Self {
        let script = folder().join("original/server.mjs").display().to_string();
        Self { command: vec!["node".into(), script], environment: Vec::new() }
    }

    pub(crate) fn set(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.environment.push((name, value.into()));
        self
    }

    /// Starts it on a free port, with the issuer's keys, and waits until it listens.
    pub(crate) async fn start(&self, issuer: &Issuer) -> io::Result<Server> {
        self.start_under(&pinned(0), issuer).await
    }

    /// The same, by another program: valgrind, for example.
    pub(crate) async fn start_under(&self, by: &[String], issuer: &Issuer) -> io::Result<Server> {
        let port = free_port()?.to_string();
        let words = by.iter().chain(&self.command);
        let mut words = words.map(String::as_str).chain(["--port", &port]);
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).envs(issuer.environment()).envs(self.environment.iter().cloned());
        command.env("NODE_ENV", "production").stdin(Stdio::null()).stdout(Stdio::piped());
        command.stderr(Stdio::null()).kill_on_drop(true);
        let begun = Instant::now();
        let mut child = command.spawn().map_err(|error| unstarted(&self.command, &error))?;
        let output = child.stdout.take().expect("stdout is piped");
        let mut lines = BufReader::new(output).lines();
        loop {
            let line = timeout(Duration::from_secs(30), lines.next_line()).await;
            match line.map_err(|error| unstarted(&self.command, &error))?? {
                Some(line) if line.starts_with("listening on ") => break,
                Some(_) => {}
                None => return Err(unstarted(&self.command, &"it ended before it listened")),
            }
        }
        let address = format!("127.0.0.1:{port}");
        Ok(Server { child, address, started_in: begun.elapsed() })
    }
}

impl Server {
    fn proc(&self, file: &str) -> String {
        let id = self.child.id().expect("the server runs");
        fs::read_to_string(format!("/proc/{id}/{file}")).expect("the server runs")
    }

    /// User and system time of the process so far.
    pub(crate) fn cpu(&self) -> Duration {
        cpu(&self.proc("stat"))
    }

    /// Resident memory, in bytes.
    pub(crate) fn memory(&self) -> f64 {
        let status = self.proc("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next());
        kilobytes.and_then(|number| number.parse::<f64>().ok()).expect("it has memory") * 1024.0
    }

    /// Stops it as an operator does, and waits until it has ended.
    pub(crate) async fn stop(mut self) -> io::Result<()> {
        let id = self.child.id().expect("the server runs").to_string();
        Command::new("kill").arg(id).status().await?;
        if timeout(Duration::from_secs(20), self.child.wait()).await.is_err() {
            self.child.kill().await?;
        }
        Ok(())
    }
}

/// User and system time of this program so far.
pub(crate) fn own_cpu() -> Duration {
    cpu(&fs::read_to_string("/proc/self/stat").unwrap_or_default())
}

/// User and system time in the words of `/proc/PID/stat`.
fn cpu(stat: &str) -> Duration {
    // The second field is the program's name, which may hold blanks.
    let fields = stat.rsplit(") ").next().unwrap_or_default();
    let ticks = fields.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<u32>().ok());
    TICK * ticks.sum::<u32>()
}

fn unstarted(command: &[String], error: &dyn std::fmt::Display) -> io::Error {
    io::Error::other(format!("{}: {error}", command.join(" ")))
}

static PINNED: OnceLock<bool> = OnceLock::new();

/// Binds this program, and so the loads, to core 1, and what it starts as a server to core 0. On a
/// machine with one core there is nothing to bind.
pub(crate) fn pin() {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let own = std::process::id().to_string();
    let mut bind = std::process::Command::new("taskset");
    let bound = bind.args(["-a", "-c", "-p", "1", &own]).stdout(Stdio::null()).status();
    let _ = PINNED.set(cores > 1 && bound.is_ok_and(|status| status.success()));
}

/// The words that bind what follows to a core.
pub(crate) fn pinned(core: usize) -> Vec<String> {
    match PINNED.get() {
        Some(true) => vec!["taskset".into(), "-c".into(), core.to_string()],
        _ => Vec::new(),
    }
}

/// A port that nobody uses right now.
fn free_port() -> io::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// A program beside this one.
pub(crate) fn built(name: &str) -> PathBuf {
    let program = std::env::current_exe().expect("a program knows its own path");
    program.with_file_name(name)
}

/// The folder of this package.
pub(crate) fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
