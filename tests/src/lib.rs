//! The harness of the cross-crate tests: programs as an operator starts them, and the real clients.

mod node;
mod program;

pub use node::{Connected, connect, folder, run as node};
pub use program::{Ended, Program};
