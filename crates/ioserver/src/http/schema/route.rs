//! The member `schema` of a route.

use http::Method;
use serde_json::Value;

use super::{RequestSchema, ResponseSchema};

/// What a route's `schema` asks of requests, and what it makes of replies.
#[derive(Default)]
pub(crate) struct RouteSchema {
    pub(crate) request: Option<RequestSchema>,
    pub(crate) response: Option<ResponseSchema>,
}

/// Members that describe a route to people and tools, and check nothing.
const DESCRIPTIONS: [&str; 14] = [
    "$id",
    "tags",
    "summary",
    "description",
    "operationId",
    "consumes",
    "produces",
    "security",
    "deprecated",
    "hide",
    "externalDocs",
    "callbacks",
    "links",
    "servers",
];

const PARTS: [&str; 6] = ["params", "body", "querystring", "query", "headers", "response"];

impl RouteSchema {
    /// Compiles it. The error names the part, the place in it, and what is wrong.
    pub(crate) fn of(schema: &Value, methods: &[Method]) -> Result<Self, String> {
        let Value::Object(members) = schema else { return Err("`schema` is no object".into()) };
        for name in members.keys().map(String::as_str) {
            let is_known = PARTS.contains(&name) || DESCRIPTIONS.contains(&name);
            if !is_known && !name.starts_with("x-") {
                let parts = PARTS.join(", ");
                return Err(format!("`schema.{name}` is not supported; its parts are {parts}"));
            }
        }
        let without_body = methods.iter().find(|method| ignores_body(method));
        if let (Some(method), Some(_)) = (without_body, members.get("body")) {
            return Err(format!("Body validation schema for {method} route is not supported!"));
        }
        let response = match members.get("response") {
            None => None,
            Some(Value::Object(schemas)) => ResponseSchema::of(schemas)?,
            Some(_) => return Err("`schema.response` is no object of statuses".into()),
        };
        Ok(Self { request: RequestSchema::of(members)?, response })
    }
}

fn ignores_body(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::TRACE)
}
