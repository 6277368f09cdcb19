#![doc = include_str!("guide.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod alarm;
mod app;
pub mod controller;
mod cookies;
mod error;
mod events;
pub mod extract;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
pub mod http;
mod json;
mod limits;
mod manager;
mod method;
mod middleware;
mod network;
mod options;
mod reply;
mod request;
mod server;
pub mod service;
mod socket;
mod task;
#[cfg(feature = "testing")]
pub mod testing;
mod watcher;

pub use ::bytes;
pub use ::cookie::{Cookie, SameSite};
pub use app::{AppHandle, LogLevel, SendTo};
pub use controller::{BaseController, Handlers};
pub use error::{ConnectError, IOServerError, IntoStatus, Result, ResultExt};
pub use events::Event;
pub use http::body_stream::BodyStream;
pub use http::cors::{CorsOptions, Origin, OriginFunction, OriginPattern};
pub use http::{incoming::RequestBody, respond::ResponseBody, stack::Stack};
pub use limits::Limits;
pub use manager::{BaseManager, Capabilities};
pub use method::{AsyncErrorHandler, AsyncHook, AsyncMethod, AsyncReplyHook};
pub use middleware::{BaseMiddleware, Context, Middleware};
pub use network::Network;
pub use options::{
    ControllerOptions, IOServerOptions, ManagerOptions, Mode, NamespaceOptions, OnBadRoute,
    Optional, ServiceOptions, SocketOptions, WatcherOptions,
};
pub use reply::{IntoReply, Json, Reply};
pub use request::Request;
pub use server::{
    ComponentKind, Constructed, HttpService, IOServer, RemoteAddress, RunningServer,
    shutdown_signal,
};
pub use service::{Arguments, BaseService, EventName, Events, IntoAck, Payload};
pub use socket::{
    Ack, Broadcast, DisconnectReason, Handshake, HandshakeInfo, SessionKey, SlowClients, Socket,
};
pub use watcher::{BaseWatcher, every};

#[cfg(feature = "macros")]
pub use ioserver_macros::{Middleware, controller, service};

#[doc = include_str!("departures.md")]
pub mod departures {}

/// The program of the README, so that it cannot rot.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// A boxed `Send` future, for traits that must work behind `dyn`.
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Names the macros expand to. Not public API.
#[doc(hidden)]
pub mod __private {
    pub use crate::{
        BaseController, BaseService, IntoReply, Middleware, Reply, Request,
        controller::Handlers,
        extract::FromRequest,
        http::route_matcher,
        service::{Call, Events, FromEvent, IntoAck},
    };
    pub use std::boxed::Box;
}
