//! Response schemas: what of a reply's payload is sent, and as what, in the way of
//! fast-json-stringify.
//!
//! Members that a schema does not name are left out, scalars become what it wants, and a required
//! member that is missing is an error of the server. Fastify writes the text of dates unescaped,
//! lets members through that `additionalProperties: false` forbids beside `patternProperties`, and
//! sends the items after a tuple as they are whatever `additionalItems` says; here the schema holds.

mod branches;
mod compile;
mod containers;
mod merge;
mod node;
#[cfg(test)]
mod tests;
mod write;

use serde_json::{Map, Value};

use node::Serializer;

use crate::IOServerError;

/// The response schemas of a route, by status.
pub(crate) struct ResponseSchema {
    exact: Vec<(u16, ByType)>,
    /// `2xx`, by the first digit.
    classes: Vec<(u16, ByType)>,
    default: Option<ByType>,
}

/// A schema, or one for each content type.
enum ByType {
    Any(Serializer),
    Content(Vec<(String, Serializer)>),
}

impl ResponseSchema {
    /// Compiles the member `response` of a route's `schema`.
    pub(crate) fn of(schemas: &Map<String, Value>) -> Result<Option<Self>, String> {
        let mut this = Self { exact: Vec::new(), classes: Vec::new(), default: None };
        for (status, schema) in schemas {
            let place = format!("`schema.response.{status}`");
            let schema = ByType::of(schema).map_err(|problem| format!("{place} {problem}"))?;
            let code = status.to_ascii_lowercase();
            let class = code.strip_suffix("xx").unwrap_or_default();
            match (code.parse::<u16>(), class.parse::<u16>()) {
                _ if code == "default" => this.default = Some(schema),
                (Ok(exact), _) if (100..600).contains(&exact) => this.exact.push((exact, schema)),
                (_, Ok(class)) if (1..6).contains(&class) => this.classes.push((class, schema)),
                _ => {
                    let wanted =
                        "write a status such as `200`, a class such as `2xx`, or `default`";
                    return Err(format!("{place} stands for no status: {wanted}"));
                }
            }
        }
        Ok((!schemas.is_empty()).then_some(this))
    }

    /// The payload of a reply as it is sent; `None` if no schema is there for it.
    pub(crate) fn serialize(
        &self,
        status: u16,
        content_type: &str,
        payload: &Value,
    ) -> Option<Result<Vec<u8>, IOServerError>> {
        let serializer = self.find(status)?.find(content_type)?;
        Some(
            serializer.to_vec(payload).map_err(|problem| {
                IOServerError::internal(problem).with_name("Internal Server Error")
            }),
        )
    }

    fn find(&self, status: u16) -> Option<&ByType> {
        let of =
            |list: &'_ [(u16, ByType)], wanted| list.iter().position(|(known, _)| *known == wanted);
        if let Some(index) = of(&self.exact, status) {
            return Some(&self.exact[index].1);
        }
        match of(&self.classes, status / 100) {
            Some(index) => Some(&self.classes[index].1),
            None => self.default.as_ref(),
        }
    }
}

impl ByType {
    fn of(schema: &Value) -> Result<Self, String> {
        let Some(content) = schema.get("content") else {
            return compile::compile(schema).map(Self::Any);
        };
        let Some(content) = content.as_object() else {
            return Err("has a `content` that is no object of content types".into());
        };
        let by_type = |(name, entry): (&String, &Value)| match entry.get("schema") {
            Some(schema) => Ok((name.clone(), compile::compile(schema)?)),
            None => Err(format!("has no `schema` for `{name}`")),
        };
        content.iter().map(by_type).collect::<Result<_, _>>().map(Self::Content)
    }

    fn find(&self, content_type: &str) -> Option<&Serializer> {
        let schemas = match self {
            Self::Any(serializer) => return Some(serializer),
            Self::Content(schemas) => schemas,
        };
        let essence = content_type.split(';').next().unwrap_or_default();
        let of = |wanted| schemas.iter().find(|(name, _)| name == wanted);
        of(essence).or_else(|| of("*/*")).map(|(_, serializer)| serializer)
    }
}
