//! The protocol app, started as a suite starts it.

use std::collections::BTreeMap;

use ioserver_tests::Program;

pub(crate) struct Server {
    pub(crate) address: String,
    _program: Program,
}

pub(crate) async fn start() -> Server {
    let program = env!("CARGO_BIN_EXE_protocol-app");
    let mut program = Program::start(program, ["--port", "0"], &BTreeMap::new());
    let found = |line: &str| line.strip_prefix("listening on ").map(str::to_owned);
    let address = program.wait_for("its address", found).await;
    Server { address, _program: program }
}
