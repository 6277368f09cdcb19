//! The crate [`http`](https://docs.rs/http), whose types handlers and layers see: methods, statuses,
//! headers.
// Inside, the service that hyper calls: CORS, then Socket.IO or a route.

pub(crate) mod accepts;
pub(crate) mod body;
pub(crate) mod body_stream;
mod constraints;
pub(crate) mod cors;
mod ecma;
mod files;
pub(crate) mod front;
pub(crate) mod incoming;
mod method_names;
mod pattern;
pub(crate) mod pipeline;
mod refuse;
mod repeated;
pub(crate) mod respond;
pub(crate) mod route;
pub(crate) mod router;
pub(crate) mod routes_file;
pub(crate) mod schema;
mod settle;
pub(crate) mod stack;

pub(crate) use files::StaticFiles;
pub(crate) use front::{Connection, Front};
pub(crate) use incoming::RequestBody;
pub(crate) use refuse::{ReadBy, refuse};
pub(crate) use respond::{ResponseBody, not_found};
pub(crate) use stack::Stack;

pub use ::http::*;

/// A look-up of GET routes by path, for benches: whether one was found.
#[doc(hidden)]
pub fn route_matcher(
    patterns: &[String],
) -> std::result::Result<impl Fn(&str) -> bool + use<>, String> {
    let mut router = router::Router::new(200);
    for pattern in patterns {
        router.insert(&http::Method::GET, pattern, &constraints::Constraints::default(), &())?;
    }
    Ok(move |path: &str| {
        let found = router.find(&http::Method::GET, path, constraints::Claims::default());
        matches!(found, router::Match::Found { .. })
    })
}
