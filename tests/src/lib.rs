//! The harness of the cross-crate tests: programs as an operator starts them, and the real clients.

mod app;
pub mod echo;
mod issuer;
mod node;
mod program;
pub mod protocol;
pub mod raw;

pub use app::App;
pub use issuer::Issuer;
pub use node::{Connected, connect, folder, run as node};
pub use program::{Ended, Program, built};

/// The program of the repository's README, so that it cannot rot.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// The snippets of the guide for moving an app here.
#[cfg(doctest)]
#[doc = include_str!("../../PORTING.md")]
struct Porting;
