//! The app that the parity suite drives: `parity-app --profile NAME --port N`, as
//! `tests/parity/SPEC.md` describes it, on the public API alone.

mod controllers;
mod managers;
mod middlewares;
mod oidc;
mod profiles;
mod registry;
mod services;
mod set_a;
mod set_o;
mod set_s;
mod trace;
mod watchers;

use std::{env, process::ExitCode};

use ioserver::{IOServerError, Result};

use profiles::{Profile, Set};

/// Gives memory back to the system when clients leave; that of glibc keeps it.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("parity-app: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let profile = Profile::new(&argument("--profile")?, &argument("--port")?)?;
    let server = match profile.set {
        Set::A => set_a::server(&profile)?,
        Set::O => set_o::server(&profile)?,
        Set::S => set_s::server(&profile)?,
    };
    server.start().await?.until(ioserver::shutdown_signal()).await
}

/// The word after `name` on the command line.
fn argument(name: &str) -> Result<String> {
    let mut words = env::args().skip_while(|word| word != name).skip(1);
    words.next().ok_or_else(|| {
        let usage = "call it as `parity-app --profile NAME --port N`";
        IOServerError::new(format!("`{name}` is missing: {usage}"), 400_u16)
    })
}
