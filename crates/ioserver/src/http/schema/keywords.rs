//! The keywords of JSON Schema draft 7 as Ajv's strict mode takes them: which there are, and how
//! each is read.

use serde_json::{Map, Value};

use super::{
    compile::Scope,
    formats::Format,
    node::{NumberRule, TextRule},
};
use crate::http::ecma;

/// Keywords that check something.
const RULES: [&str; 40] = [
    "$comment",
    "$ref",
    "type",
    "nullable",
    "const",
    "enum",
    "not",
    "anyOf",
    "oneOf",
    "allOf",
    "if",
    "then",
    "else",
    "maximum",
    "minimum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "multipleOf",
    "format",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "additionalItems",
    "items",
    "contains",
    "uniqueItems",
    "maxProperties",
    "minProperties",
    "required",
    "propertyNames",
    "additionalProperties",
    "dependencies",
    "properties",
    "patternProperties",
    "formatMaximum",
    "formatMinimum",
    "formatExclusiveMaximum",
    "formatExclusiveMinimum",
];

const OBJECT_RULES: [&str; 8] = [
    "maxProperties",
    "minProperties",
    "required",
    "propertyNames",
    "additionalProperties",
    "dependencies",
    "properties",
    "patternProperties",
];

/// Keywords for people and for references.
const ANNOTATIONS: [&str; 15] = [
    "$schema",
    "$id",
    "$defs",
    "$vocabulary",
    "definitions",
    "title",
    "description",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "examples",
    "contentMediaType",
    "contentEncoding",
    "contentSchema",
];

pub(super) fn has_rules(members: &Map<String, Value>) -> bool {
    members.keys().any(|name| is_rule(name))
}

pub(super) fn is_rule(name: &str) -> bool {
    RULES.contains(&name)
}

pub(super) fn has_object_rules(members: &Map<String, Value>) -> bool {
    OBJECT_RULES.iter().any(|name| members.contains_key(*name))
}

/// Whether a schema takes everything. One with an unknown keyword is refused, also where it would
/// not be compiled.
pub(super) fn is_always_valid(schema: &Value, scope: &Scope<'_>) -> Result<bool, String> {
    match schema {
        Value::Object(members) => {
            refuse_unknown(members, scope)?;
            Ok(!has_rules(members))
        }
        other => Ok(*other == Value::Bool(true)),
    }
}

/// Refuses what nothing here can enforce.
pub(super) fn refuse_unknown(
    members: &Map<String, Value>,
    scope: &Scope<'_>,
) -> Result<(), String> {
    for name in members.keys().map(String::as_str) {
        if name.starts_with("format") && name != "format" {
            return scope.error(format_args!("the keyword `{name}` is not supported"));
        }
        if !is_rule(name) && !ANNOTATIONS.contains(&name) {
            let hint = shorthand_hint(members);
            return scope.error(format_args!("unknown keyword `{name}`{hint}"));
        }
    }
    Ok(())
}

/// What to write for a list of members where a schema stands, as Fastify took it before version 5.
fn shorthand_hint(members: &Map<String, Value>) -> &'static str {
    let is_shorthand = !members.is_empty()
        && members.iter().all(|(name, schema)| !is_rule(name) && schema.is_object());
    if is_shorthand {
        "; if it is a member's name, write `{ \"type\": \"object\", \"properties\": { … } }` around it"
    } else {
        ""
    }
}

/// Refuses a schema of another draft, which might mean something else.
pub(super) fn is_draft_7(schema: &Value) -> Result<(), String> {
    match schema.get("$schema") {
        None => Ok(()),
        Some(Value::String(uri)) if is_draft_7_uri(uri) => Ok(()),
        Some(other) => Err(format!(
            "`$schema` {other} is not supported: write `http://json-schema.org/draft-07/schema#`"
        )),
    }
}

fn is_draft_7_uri(uri: &str) -> bool {
    let uri = uri.strip_suffix('#').unwrap_or(uri);
    matches!(uri, "http://json-schema.org/draft-07/schema" | "http://json-schema.org/schema")
}

/// The keywords of one schema. The meta-schema has approved of their types.
pub(super) struct Keywords<'s, 'a> {
    pub(super) members: &'s Map<String, Value>,
    pub(super) scope: &'a Scope<'s>,
}

impl<'s> Keywords<'s, '_> {
    pub(super) fn get(&self, name: &str) -> Option<&'s Value> {
        self.members.get(name)
    }

    pub(super) fn get_text(&self, name: &str) -> Option<&'s str> {
        self.get(name)?.as_str()
    }

    pub(super) fn get_list(&self, name: &str) -> Option<&'s Vec<Value>> {
        self.get(name)?.as_array()
    }

    pub(super) fn get_members(&self, name: &str) -> Option<&'s Map<String, Value>> {
        self.get(name)?.as_object()
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "no negative count"
    )]
    pub(super) fn get_count(&self, name: &str) -> Option<usize> {
        self.get(name)?.as_f64().map(|count| count as usize)
    }

    pub(super) fn get_texts(&self, name: &str) -> Option<Vec<String>> {
        Some(texts(self.get_list(name)?))
    }

    pub(super) fn number(&self) -> Result<Vec<NumberRule>, String> {
        let limit = |name, rule: fn(f64) -> NumberRule| self.get(name)?.as_f64().map(rule);
        let mut rules = Vec::new();
        rules.extend(limit("maximum", NumberRule::Maximum));
        rules.extend(limit("minimum", NumberRule::Minimum));
        rules.extend(limit("exclusiveMaximum", NumberRule::ExclusiveMaximum));
        rules.extend(limit("exclusiveMinimum", NumberRule::ExclusiveMinimum));
        rules.extend(limit("multipleOf", NumberRule::MultipleOf));
        if let Some((name, format @ Format::Number(_))) = self.format()? {
            rules.push(NumberRule::Format(name, format));
        }
        Ok(rules)
    }

    pub(super) fn text(&self) -> Result<Vec<TextRule>, String> {
        let mut rules = Vec::new();
        rules.extend(self.get_count("maxLength").map(TextRule::MaxLength));
        rules.extend(self.get_count("minLength").map(TextRule::MinLength));
        if let Some(pattern) = self.get_text("pattern") {
            rules.push(TextRule::Pattern(pattern.into(), self.regex(pattern)?));
        }
        if let Some((name, format @ Format::Text(_))) = self.format()? {
            rules.push(TextRule::Format(name, format));
        }
        Ok(rules)
    }

    pub(super) fn regex(&self, pattern: &str) -> Result<ecma::Regex, String> {
        ecma::compile(pattern).or_else(|problem| self.scope.error(problem))
    }

    fn format(&self) -> Result<Option<(String, Format)>, String> {
        let Some(name) = self.get_text("format") else { return Ok(None) };
        match Format::of(name) {
            Some(format) => Ok(Some((name.into(), format))),
            None => self.scope.error(format_args!("unknown format `{name}`")),
        }
    }
}

pub(super) fn texts(list: &[Value]) -> Vec<String> {
    list.iter().filter_map(Value::as_str).map(String::from).collect()
}
