//! A program of this repository, started from outside as an operator starts it.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::{Child, Command},
    sync::mpsc,
    time::timeout,
};

/// Longer than anything here takes: a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// The path of a program of this workspace.
///
/// # Panics
///
/// If it is not built.
#[must_use]
pub fn built(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path"); // target/debug/deps/…
    let folder = test.ancestors().nth(2).expect("tests lie in `deps`");
    let program = folder.join(name);
    assert!(program.is_file(), "{} is not built: use tests/run", program.display());
    program
}

/// A running program. It is killed when dropped.
#[derive(Debug)]
pub struct Program {
    child: Child,
    lines: mpsc::UnboundedReceiver<String>,
    seen: Vec<String>,
}

/// How a program ended.
#[derive(Debug)]
#[non_exhaustive]
pub struct Ended {
    /// Its exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// Everything it printed, both streams.
    pub output: String,
}

impl Program {
    /// Starts a program with this environment on top of a clean one.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    #[must_use]
    pub fn start<A: AsRef<OsStr>>(
        program: impl AsRef<Path>,
        arguments: impl IntoIterator<Item = A>,
        environment: &BTreeMap<&str, String>,
    ) -> Self {
        let program = program.as_ref();
        let mut command = Command::new(program);
        command.args(arguments).env_clear().envs(environment).kill_on_drop(true);
        for name in ["PATH", "HOME"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let spawned = command.spawn();
        let mut child = spawned.unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let (sender, lines) = mpsc::unbounded_channel();
        forward(child.stdout.take().expect("stdout is piped"), sender.clone());
        forward(child.stderr.take().expect("stderr is piped"), sender);
        Self { child, lines, seen: Vec::new() }
    }

    /// The first line that `found` makes something of.
    ///
    /// # Panics
    ///
    /// If the program ends, or is silent for a minute, before it prints such a line.
    pub async fn wait_for<T>(&mut self, what: &str, found: impl Fn(&str) -> Option<T>) -> T {
        loop {
            let line = timeout(PATIENCE, self.lines.recv()).await.ok().flatten();
            let Some(line) = line else {
                panic!("the program did not print {what}, but:\n{}", self.seen.join("\n"));
            };
            let result = found(&line);
            self.seen.push(line);
            if let Some(result) = result {
                return result;
            }
        }
    }

    /// Sends a signal, such as `TERM`.
    ///
    /// # Panics
    ///
    /// If the program has ended.
    pub async fn signal(&self, name: &str) {
        let id = self.child.id().expect("the program runs").to_string();
        let status = Command::new("kill").args(["-s", name, &id]).status().await;
        assert!(status.is_ok_and(|status| status.success()), "kill -s {name} {id}");
    }

    /// The memory that the program has made for itself and not given back, in kB: what is resident
    /// and no file's, so that code which is run for the first time does not count.
    ///
    /// # Panics
    ///
    /// If the program has ended.
    #[must_use]
    pub fn memory(&self) -> usize {
        let id = self.child.id().expect("the program runs");
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        number.and_then(|number| number.parse().ok()).expect("it has memory")
    }

    /// Waits until the program has ended by itself.
    ///
    /// # Panics
    ///
    /// If it still runs after a minute.
    pub async fn ended(mut self) -> Ended {
        let status = timeout(PATIENCE, self.child.wait()).await.expect("the program ends");
        while let Some(line) = self.lines.recv().await {
            self.seen.push(line);
        }
        Ended { code: status.ok().and_then(|status| status.code()), output: self.seen.join("\n") }
    }
}

/// Sends a stream's lines on until it ends.
fn forward(stream: impl AsyncRead + Send + Unpin + 'static, sender: mpsc::UnboundedSender<String>) {
    tokio::spawn(async move {
        let mut lines = BufReader::new(stream).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
}
