//! The schemas that a request has to satisfy.

use serde_json::{Map, Value};

use super::{compile::compile, messages, node::Compiled};
use crate::{IOServerError, Request, Result};

/// The compiled `params`, `body`, `querystring` and `headers` of a route's `schema`.
pub(crate) struct RequestSchema {
    params: Option<Compiled>,
    body: Option<BodySchema>,
    query: Option<Compiled>,
    headers: Option<Compiled>,
}

enum BodySchema {
    Any(Compiled),
    /// `content`: a schema for each content type.
    ByType(Vec<(String, Compiled)>),
}

/// The parts of a request as its schema made them.
#[derive(Default)]
pub(crate) struct Validated {
    pub(crate) params: Option<Value>,
    pub(crate) query: Option<Value>,
    pub(crate) headers: Option<Value>,
    pub(crate) error: Option<IOServerError>,
}

impl RequestSchema {
    /// Compiles a route's `schema`, or `None` if it asks nothing of requests. The error names the
    /// part.
    pub(crate) fn of(schema: &Map<String, Value>) -> Result<Option<Self>, String> {
        let query = match (schema.get("querystring"), schema.get("query")) {
            (Some(_), Some(_)) => {
                return Err(
                    "`schema` has both `querystring` and `query`, which are the same".into()
                );
            }
            (querystring, query) => querystring.or(query),
        };
        let headers = schema.get("headers").map(in_lower_case);
        let this = Self {
            params: part("params", schema.get("params"))?,
            body: schema.get("body").map(BodySchema::of).transpose()?,
            query: part("querystring", query)?,
            headers: part("headers", headers.as_ref())?,
        };
        let asks = this.params.is_some() || this.body.is_some() || this.query.is_some();
        Ok((asks || this.headers.is_some()).then_some(this))
    }

    /// Checks a request in Fastify's order, and leaves the coerced values on it.
    pub(crate) fn validate(&self, request: &mut Request) -> Result<()> {
        if let Some(schema) = &self.params {
            let value = checked("params", schema, request.params_value())?;
            request.validated_mut().params = Some(value);
        }
        if let Some(body) = &self.body {
            body.validate(request)?;
        }
        if let Some(schema) = &self.query {
            let value = checked("querystring", schema, request.query())?;
            request.validated_mut().query = Some(value);
        }
        if let Some(schema) = &self.headers {
            let value = checked("headers", schema, request.headers_value())?;
            request.validated_mut().headers = Some(value);
        }
        Ok(())
    }
}

fn checked(part: &str, schema: &Compiled, mut value: Value) -> Result<Value> {
    match schema.validate(&mut value) {
        Ok(()) => Ok(value),
        Err(failures) => Err(messages::error(part, &failures)),
    }
}

fn part(name: &str, schema: Option<&Value>) -> Result<Option<Compiled>, String> {
    schema.map(|schema| compile_part(name, schema)).transpose()
}

fn compile_part(name: &str, schema: &Value) -> Result<Compiled, String> {
    if !schema.is_object() && !schema.is_boolean() {
        return Err(format!("`schema.{name}` is no schema: write an object"));
    }
    compile(schema).map_err(|problem| format!("`schema.{name}` {problem}"))
}

impl BodySchema {
    fn of(schema: &Value) -> Result<Self, String> {
        let Some(content) = schema.get("content") else {
            return compile_part("body", schema).map(Self::Any);
        };
        let Some(content) = content.as_object() else {
            return Err("`schema.body.content` is no object of content types".into());
        };
        let by_type = |(name, entry): (&String, &Value)| {
            let place = format!("body.content.{name}");
            let Some(schema) = entry.get("schema") else {
                return Err(format!("`schema.{place}` has no `schema`"));
            };
            Ok((name.to_ascii_lowercase(), compile_part(&place, schema)?))
        };
        content.iter().map(by_type).collect::<Result<_, _>>().map(Self::ByType)
    }

    /// A request without a body counts as `null`, as in Fastify. One whose body is left for the
    /// handler to read is refused: nobody would have checked it.
    fn validate(&self, request: &mut Request) -> Result<()> {
        if request.body.is_raw() {
            return Err(unsupported());
        }
        let schema = match self {
            Self::Any(schema) => schema,
            Self::ByType(_) if request.body_read().is_none() => return Ok(()),
            Self::ByType(schemas) => {
                let essence = request.content_type();
                let found = schemas.iter().find(|(name, _)| *name == essence);
                // Fastify lets a body of any other type pass unchecked.
                &found.ok_or_else(unsupported)?.1
            }
        };
        let outcome = match request.body_mut() {
            Some(body) => schema.validate(body),
            None => schema.validate(&mut Value::Null),
        };
        outcome.map_err(|failures| messages::error("body", &failures))
    }
}

fn unsupported() -> IOServerError {
    IOServerError::new("Unsupported Media Type", 415_u16)
        .with_name("Unsupported Media Type")
        .with_code("FST_ERR_CTP_INVALID_MEDIA_TYPE")
}

/// Names of headers have no case.
fn in_lower_case(schema: &Value) -> Value {
    let Value::Object(members) = schema else { return schema.clone() };
    let mut members = members.clone();
    if let Some(Value::Array(names)) = members.get_mut("required") {
        for name in names {
            if let Value::String(name) = name {
                name.make_ascii_lowercase();
            }
        }
    }
    if let Some(Value::Object(properties)) = members.get_mut("properties") {
        let all = std::mem::take(properties);
        properties.extend(all.into_iter().map(|(name, schema)| (name.to_lowercase(), schema)));
    }
    Value::Object(members)
}
