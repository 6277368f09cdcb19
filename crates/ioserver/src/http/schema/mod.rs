//! The schemas of a route: JSON Schema draft 7 with what Fastify's Ajv adds.
//!
//! A schema is compiled when its route is registered. For each request one pass over a part checks,
//! coerces, fills in defaults and removes members, in Ajv's order, so that the first failure is the
//! one that Ajv reports, in its words.

mod arrays;
mod check;
mod coerce;
mod combine;
mod compile;
mod containers;
mod cycles;
mod formats;
mod js;
mod keywords;
mod messages;
mod node;
mod objects;
mod refs;
mod request;
mod response;
mod route;
mod scalars;
#[cfg(test)]
mod tests;

pub(crate) use request::{RequestSchema, Validated};
pub(crate) use response::ResponseSchema;
pub(crate) use route::RouteSchema;
