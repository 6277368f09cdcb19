//! The macros of `ioserver`. Use them from there.
//!
//! Each has a hand-written twin: what `#[service]` writes is a call of `Events::event_fn` for each
//! method, what `#[controller]` writes are calls of `Handlers`' methods, and what
//! `#[derive(Middleware)]` writes is one `const`.

mod controller;
mod methods;
mod middleware;
mod service;
mod signature;

use proc_macro::TokenStream;
use syn::{DeriveInput, ItemImpl, parse_macro_input};

/// Writes `BaseService::events` from the block's public async methods.
///
/// A method answers the event of its name; `#[event("other-name")]` gives it another, and
/// `#[service(rename_all = "camelCase")]` turns `send_message` into `sendMessage`. Methods that are
/// private, not async, or whose names begin with `_` stay out. `#[any]` marks the one that is called
/// with every event.
///
/// Arguments are the `Socket`, the `Ack`, the `AppHandle`, and the event's arguments in their
/// order as types that implement `serde::Deserialize`, at most five of them. An `Ok` value is the ack,
/// and so are `Json` and a `serde_json::Value` that stand alone. A method that
/// returns nothing acks nothing, and neither does `Ok(())`: write `Result<bool>` and `Ok(true)` where
/// a client waits to hear that all is well.
#[proc_macro_attribute]
pub fn service(options: TokenStream, item: TokenStream) -> TokenStream {
    let block = parse_macro_input!(item as ItemImpl);
    service::expand(options.into(), block).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Writes `BaseController::handlers` from the block's public async methods.
///
/// Route files name the methods; `getUser` in a file finds `get_user`, and `getUserByID`
/// `get_user_by_id`. A method is a handler, or a
/// hook if it is marked: `#[hook]` for `onRequest`, `preParsing`, `preValidation` and `preHandler`,
/// `#[hook(reply)]` for `preSerialization`, `onSend` and `onResponse`, `#[hook(error)]` for
/// `errorHandler`. Hooks take `(&self, &mut Request)`, `(&self, &mut Request, &mut Reply)` and
/// `(&self, &mut Request, IOServerError)`; the first two return nothing or a `Result` whose error
/// ends the way, the last one a reply.
///
/// A handler's arguments are extractors and at most one `&mut Request`.
#[proc_macro_attribute]
pub fn controller(_options: TokenStream, item: TokenStream) -> TokenStream {
    let block = parse_macro_input!(item as ItemImpl);
    controller::expand(block).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Lets a middleware type stand in a `middlewares` list under its own name.
///
/// `#[middleware(Request)]` or `#[middleware(Handshake)]` says in which lists. The type is written
/// as `struct Name {}`, with or without fields, and implements `Default`.
#[proc_macro_derive(Middleware, attributes(middleware))]
pub fn middleware(item: TokenStream) -> TokenStream {
    let input = parse_macro_input!(item as DeriveInput);
    middleware::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}
