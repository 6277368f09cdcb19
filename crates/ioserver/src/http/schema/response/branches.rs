//! Which branch of a response schema a payload takes: checked by the crate `jsonschema`, since
//! nothing is coerced here.

use jsonschema::{Draft, PatternOptions, Registry, Validator};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::super::formats::Format;

/// A subschema that is asked whether it holds.
pub(super) struct Test(Validator);

impl Test {
    pub(super) fn holds(&self, value: &Value) -> bool {
        self.0.is_valid(value)
    }
}

/// Makes tests of the subschemas of one schema.
pub(super) struct Tests(Registry<'static>);

/// All but what a JSON pointer needs and a URI fragment surely takes.
const IN_FRAGMENT: AsciiSet =
    NON_ALPHANUMERIC.remove(b'/').remove(b'~').remove(b'-').remove(b'_').remove(b'.');

/// What a response schema is called while its branches are compiled.
const NAME: &str = "urn:ioserver:response";

impl Tests {
    pub(super) fn of(schema: &Value) -> Result<Self, String> {
        let resource = Draft::Draft7.create_resource(plain(schema));
        let registry = Registry::new().add(NAME, resource).and_then(|builder| builder.prepare());
        registry.map(Self).map_err(|error| error.to_string())
    }

    /// A test of the subschema at a JSON pointer such as `#/anyOf/0`.
    pub(super) fn at(&self, pointer: &str) -> Result<Test, String> {
        let mut options = jsonschema::options()
            .with_draft(Draft::Draft7)
            .offline()
            .should_validate_formats(true)
            // One that gives up counts as no match there: patterns that could are refused.
            .with_pattern_options(PatternOptions::regex())
            .with_registry(&self.0);
        for name in Format::TEXTS {
            if let Some(Format::Text(fits)) = Format::of(name) {
                options = options.with_format(name, fits);
            }
        }
        let path = pointer.strip_prefix('#').unwrap_or(pointer);
        let path = utf8_percent_encode(path, &IN_FRAGMENT);
        let validator = options.build(&json!({ "$ref": format!("{NAME}#{path}") }));
        validator.map(Test).map_err(|error| error.to_string())
    }
}

/// Without `nullable`, which JSON Schema does not know, and without names of its own.
fn plain(schema: &Value) -> Value {
    match schema {
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(members) => {
            let mut members = members.clone();
            let is_nullable = members.remove("nullable") == Some(Value::Bool(true));
            members.values_mut().for_each(|member| *member = plain(member));
            if is_nullable && let Some(types) = members.get_mut("type") {
                let mut list = types.as_array().cloned().unwrap_or_else(|| vec![types.take()]);
                if !list.contains(&"null".into()) {
                    list.push("null".into());
                }
                *types = list.into();
            }
            Value::Object(members)
        }
        other => other.clone(),
    }
}
