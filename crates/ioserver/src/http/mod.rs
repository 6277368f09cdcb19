//! The service that hyper calls: CORS, then Socket.IO or a route.

pub(crate) mod accepts;
pub(crate) mod body;
pub(crate) mod body_stream;
pub(crate) mod cors;
mod files;
pub(crate) mod front;
pub(crate) mod incoming;
mod pattern;
pub(crate) mod pipeline;
mod refuse;
mod respond;
pub(crate) mod route;
pub(crate) mod router;
pub(crate) mod routes_file;

use std::net::SocketAddr;

pub(crate) use files::StaticFiles;
pub(crate) use front::{Connection, Front};
pub(crate) use respond::{ResponseBody, not_found};

/// The client's address, left on requests for Socket.IO's handshakes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RemoteAddress(pub(crate) SocketAddr);
