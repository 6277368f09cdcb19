//! A route file, and after a zero byte the requests (`METHOD path body`, a line each) to the server
//! that has it. A file registers, or the error names the file, and the route where it is one's.

use std::{cell::OnceCell, fs, path::PathBuf};

use ioserver::{
    ControllerOptions, IOServer, IOServerOptions, Json, controller,
    testing::{Inject, TestServer},
};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

struct Any;

#[controller]
impl Any {
    pub async fn a(&self, request: &mut ioserver::Request) -> ioserver::Result<Json<Value>> {
        Ok(Json(request.body().await?.cloned().unwrap_or_default()))
    }

    #[hook]
    pub async fn h(&self, _: &mut ioserver::Request) -> ioserver::Result<()> {
        Ok(())
    }
}

struct Lab {
    runtime: Runtime,
    folder: tempfile::TempDir,
}

impl Lab {
    fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime starts");
        // In memory where there is such a folder: a file is written for each input.
        let memory = PathBuf::from("/dev/shm");
        let folder =
            if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        Self { runtime, folder: folder.expect("there is room") }
    }
}

pub(crate) fn run(bytes: &[u8]) {
    thread_local!(static LAB: OnceCell<Lab> = const { OnceCell::new() });
    LAB.with(|lab| check(lab.get_or_init(Lab::new), bytes));
}

fn check(lab: &Lab, bytes: &[u8]) {
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    let (file, requests) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let path = lab.folder.path().join("any.json");
    fs::write(&path, file).expect("there is room");
    let mut server =
        IOServer::new(IOServerOptions { routes: lab.folder.path().into(), ..Default::default() });
    let added = server.add_controller(ControllerOptions {
        name: "any",
        controller: |_| Any,
        middlewares: vec![],
        prefix: Some("/"),
    });
    if let Err(error) = added {
        return names_what_is_wrong(file, &error.to_string());
    }
    let requests = String::from_utf8_lossy(requests);
    let mut requests = requests.lines().filter_map(inject).peekable();
    if requests.peek().is_some() {
        lab.runtime.block_on(async {
            let server = TestServer::start(server).await.expect("what registers starts");
            for request in requests {
                drop(server.inject(request).await);
            }
        });
    }
}

fn names_what_is_wrong(file: &[u8], error: &str) {
    assert!(error.contains("any.json"), "{error}");
    if serde_json::from_slice::<Value>(file).is_ok_and(|file| file.is_array()) {
        assert!(error.contains(": route "), "{error}");
    }
}

fn inject(line: &str) -> Option<Inject> {
    let mut words = line.splitn(3, ' ');
    let (method, path) = (words.next()?.parse().ok()?, words.next()?);
    path.parse::<http::Uri>().ok().filter(|_| path.starts_with('/'))?;
    let inject = Inject::new(method, path);
    Some(match words.next() {
        Some(body) => inject.body("application/json", body.to_owned()),
        None => inject,
    })
}
