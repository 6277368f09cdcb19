//! The apps that `ioserver new` writes build without a warning, pass their tests and answer.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::{
    fs,
    io::{BufRead, BufReader, Lines},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
};

/// A folder that stays the same from run to run, so that builds of the last run are of use.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scaffold").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    folder
}

fn ioserver(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ioserver")).args(arguments).output().unwrap()
}

fn new(folder: &Path, name: &str, options: &[&str]) {
    let folder = folder.to_str().unwrap();
    succeeded(&ioserver(&[&["new", folder, "--name", name], options].concat()));
}

#[track_caller]
fn succeeded(output: &Output) {
    let (out, err) = (&output.stdout, &output.stderr);
    let (out, err) = (String::from_utf8_lossy(out), String::from_utf8_lossy(err));
    assert!(output.status.success(), "{}\n{out}\n{err}", output.status);
}

/// Cargo in an app's folder. Without a network, with the workspace's profile and its target folder,
/// so that little is built anew.
fn cargo(app: &Path, arguments: &[&str]) {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(app).args(arguments).env("CARGO_TARGET_DIR", target());
    succeeded(&cargo.output().unwrap());
}

fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}

/// Holds an app to what its README and its CI promise.
fn passes_its_checks(app: &Path) {
    let profile = ["profile.dev.debug='line-tables-only'", "profile.dev.package.'*'.debug=false"];
    let profile = profile.map(|setting| ["--config", setting]).concat();
    let offline = [&["--offline"], profile.as_slice()].concat();
    cargo(app, &["fmt", "--check"]);
    cargo(app, &[&["clippy", "--all-targets"], &*offline, &["--", "-D", "warnings"]].concat());
    cargo(app, &[&["test"], &*offline].concat());
}

/// A program of an app's, which says where it listens. It is killed when dropped.
struct Running {
    child: Child,
    port: String,
    _lines: Lines<BufReader<ChildStdout>>, // it goes on writing
}

impl Running {
    fn start(app: &Path, program: &str) -> Self {
        let mut command = Command::new(target().join("debug").join(program));
        command.current_dir(app).env("PORT", "0").stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.find_map(|line| {
            let line = line.ok()?;
            let rest = line.strip_prefix("Listening on http://127.0.0.1:")?;
            Some(rest.chars().take_while(char::is_ascii_digit).collect::<String>())
        });
        Self { child, port: port.expect("the app listens"), _lines: lines }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn health(program: &str, port: &str) -> Output {
    let mut command = Command::new(target().join("debug").join(program));
    command.arg("health").env("PORT", port).output().unwrap()
}

#[test]
fn an_app_with_tokens_passes_its_checks_and_answers() {
    let app = folder("with-oidc");
    new(&app, "my-app", &[]);
    passes_its_checks(&app);
    let running = Running::start(&app, "examples/dev");
    succeeded(&health("my-app", &running.port));
    let port = running.port.clone();
    drop(running);
    assert!(!health("my-app", &port).status.success());

    let mut bare = Command::new(target().join("debug/my-app"));
    let refused = bare.current_dir(&app).env_remove("AUTH_SERVICE_URL").output().unwrap();
    let error = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(error.contains("AUTH_SERVICE_URL"), "{error}");
}

#[test]
fn an_app_for_anyone_passes_its_checks_and_answers() {
    let app = folder("without-oidc");
    new(&app, "my-open-app", &["--without-oidc"]);
    passes_its_checks(&app);
    let running = Running::start(&app, "my-open-app");
    succeeded(&health("my-open-app", &running.port));
}

#[test]
fn nothing_is_overwritten() {
    let app = folder("taken");
    fs::create_dir_all(&app).unwrap();
    fs::write(app.join("README.md"), "mine").unwrap();
    let refused = ioserver(&["new", app.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1));
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(error.contains("is there already"), "{error}");
    assert_eq!(fs::read_dir(&app).unwrap().count(), 1);
    assert_eq!(fs::read_to_string(app.join("README.md")).unwrap(), "mine");
}

#[test]
fn a_name_that_cannot_be_is_refused_before_anything_is_written() {
    let app = folder("no-name");
    let refused = ioserver(&["new", app.to_str().unwrap(), "--name", "My App"]);
    assert_eq!(refused.status.code(), Some(1));
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(error.contains("cannot be called `My App`"), "{error}");
    assert!(!app.exists());
}
