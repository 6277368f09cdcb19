//! Compiles a response schema.

use std::{borrow::Cow, collections::HashMap};

use serde_json::{Map, Value};

use super::{
    super::{keywords, refs::Ids},
    branches::Tests,
    merge,
    node::{Fit, Kind, Node, NodeId, Serializer},
};

pub(super) fn compile(schema: &Value) -> Result<Serializer, String> {
    if !schema.is_object() && !schema.is_boolean() {
        return Err("is no schema: write an object".into());
    }
    keywords::is_draft_7(schema)?;
    if let Err(error) = jsonschema::draft7::meta::validate(schema) {
        return Err(format!("at `#{}`: {error}", error.instance_path()));
    }
    let mut compiler = Compiler {
        root: schema,
        ids: Ids::of(schema)?,
        tests: None,
        nodes: Vec::new(),
        known: HashMap::new(),
        depth: 0,
    };
    let root = compiler.value(&Place { schema: Cow::Borrowed(schema), pointer: "#".into() })?;
    Ok(Serializer { nodes: compiler.nodes, root })
}

pub(super) struct Compiler<'s> {
    root: &'s Value,
    ids: Ids<'s>,
    tests: Option<Tests>,
    nodes: Vec<Node>,
    /// Schemas that were compiled already: a schema may contain itself.
    known: HashMap<Key, NodeId>,
    depth: usize,
}

/// What a schema is known by: where it stands in the document, or what was merged.
#[derive(Eq, Hash, PartialEq)]
enum Key {
    Address(usize),
    Text(String),
}

/// A subschema, as it stands in the document or merged of several.
#[derive(Clone)]
pub(super) struct Place<'s> {
    pub(super) schema: Cow<'s, Value>,
    pointer: String,
}

impl<'s> Place<'s> {
    /// For errors of payloads: without escapes, as in fast-json-stringify.
    pub(super) fn shown(&self) -> String {
        self.pointer.replace("~1", "/").replace("~0", "~")
    }

    pub(super) fn step(&self, steps: &[&str]) -> Option<Self> {
        let path = steps.iter().map(|step| super::super::messages::step(step)).collect::<String>();
        let pointer = format!("{}{path}", self.pointer);
        let schema = match &self.schema {
            Cow::Borrowed(schema) => Cow::Borrowed(schema.pointer(&path)?),
            Cow::Owned(schema) => Cow::Owned(schema.pointer(&path)?.clone()),
        };
        Some(Self { schema, pointer })
    }
}

impl<'s> Compiler<'s> {
    pub(super) fn value(&mut self, place: &Place<'s>) -> Result<NodeId, String> {
        let place = self.target(place)?;
        let key = match &place.schema {
            Cow::Borrowed(schema) => Key::Address(std::ptr::from_ref(*schema).addr()),
            Cow::Owned(schema) => Key::Text(schema.to_string()),
        };
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        // The place is taken first, since the schema may lead back here.
        let id = self.nodes.len();
        self.nodes.push(Node { is_nullable: false, kind: Kind::Any });
        self.known.insert(key, id);
        self.depth += 1;
        if self.depth > 100 {
            return Err(format!("at `{}`: it contains itself without an end", place.pointer));
        }
        self.nodes[id] = self.node(&place)?;
        self.depth -= 1;
        Ok(id)
    }

    /// Follows `$ref`, which stands alone here: members beside it are not looked at.
    pub(super) fn target(&self, place: &Place<'s>) -> Result<Place<'s>, String> {
        let mut place = place.clone();
        for _ in 0..100 {
            let Some(reference) = place.schema.get("$ref").and_then(Value::as_str) else {
                return Ok(place);
            };
            let (schema, _) = self.ids.target(self.root, reference)?;
            let pointer = if reference.starts_with('#') { reference } else { "#" };
            place = Place { schema: Cow::Borrowed(schema), pointer: pointer.into() };
        }
        Err(format!("at `{}`: `$ref` leads back to itself without an end", place.pointer))
    }

    fn node(&mut self, place: &Place<'s>) -> Result<Node, String> {
        let Value::Object(members) = place.schema.as_ref() else {
            return Ok(Node { is_nullable: false, kind: Kind::Any });
        };
        let plain = |kind| Node { is_nullable: false, kind };
        if members.contains_key("allOf") {
            let merged = self.all_of(place, members)?;
            return self.value(&merged).map(|id| plain(Kind::Same(id)));
        }
        for keyword in ["anyOf", "oneOf"] {
            if members.contains_key(keyword) {
                return self.branches(place, members, keyword).map(plain);
            }
        }
        if members.contains_key("if") && members.contains_key("then") {
            return self.condition(place, members).map(plain);
        }
        let is_nullable = members.get("nullable") == Some(&Value::Bool(true));
        Ok(Node { is_nullable, kind: self.typed(place, members)? })
    }

    fn typed(&mut self, place: &Place<'s>, members: &Map<String, Value>) -> Result<Kind, String> {
        if let Some(constant) = members.get("const") {
            let types = members.get("type").and_then(Value::as_array);
            let has_null = types.is_some_and(|types| types.contains(&"null".into()));
            return Ok(Kind::Const(constant.clone(), has_null));
        }
        match members.get("type") {
            Some(Value::Array(types)) => {
                let mut types = types.iter().filter_map(Value::as_str).collect::<Vec<_>>();
                types.sort_by_key(|name| *name != "null");
                let one = |name: &str| {
                    let kind = self.single(name, place, members)?;
                    Ok((fit(name)?, self.add(kind)))
                };
                let types = types.into_iter().map(one).collect::<Result<Vec<_>, String>>()?;
                Ok(Kind::Types(types, place.shown()))
            }
            Some(Value::String(name)) => self.single(name, place, members),
            _ => match inferred(members) {
                Some(name) => self.single(name, place, members),
                None => Ok(Kind::Any),
            },
        }
    }

    pub(super) fn add(&mut self, kind: Kind) -> NodeId {
        self.nodes.push(Node { is_nullable: false, kind });
        self.nodes.len() - 1
    }

    fn single(
        &mut self,
        name: &str,
        place: &Place<'s>,
        members: &Map<String, Value>,
    ) -> Result<Kind, String> {
        Ok(match name {
            "null" => Kind::Null,
            "string" => match members.get("format").and_then(Value::as_str) {
                Some("date-time") => Kind::Time("date-time"),
                Some("date") => Kind::Time("date"),
                Some("time") => Kind::Time("time"),
                _ => Kind::Text,
            },
            "integer" => Kind::Integer,
            "number" => Kind::Number,
            "boolean" => Kind::Boolean,
            "object" => Kind::Object(Box::new(self.object(place, members)?)),
            "array" => Kind::Array(self.array(place, members)?),
            other => return Err(format!("at `{}`: unknown type `{other}`", place.pointer)),
        })
    }

    fn all_of(&self, place: &Place<'s>, members: &Map<String, Value>) -> Result<Place<'s>, String> {
        let mut rest = members.clone();
        let all = rest.shift_remove("allOf");
        let mut schemas = vec![Value::Object(rest)];
        for index in 0..all.as_ref().and_then(Value::as_array).map_or(0, Vec::len) {
            let below = place.step(&["allOf", &index.to_string()]);
            schemas.extend(
                below
                    .map(|below| self.target(&below))
                    .transpose()?
                    .map(|below| below.schema.into_owned()),
            );
        }
        self.merged(place, &schemas)
    }

    fn merged(&self, place: &Place<'s>, schemas: &[Value]) -> Result<Place<'s>, String> {
        let schema = merge::merge(schemas)
            .map_err(|keyword| format!("at `{}`: `{keyword}` cannot be merged", place.pointer))?;
        Ok(Place { schema: Cow::Owned(schema), pointer: place.pointer.clone() })
    }

    fn branches(
        &mut self,
        place: &Place<'s>,
        members: &Map<String, Value>,
        keyword: &str,
    ) -> Result<Kind, String> {
        let mut rest = members.clone();
        let all = rest.shift_remove(keyword);
        let rest = Value::Object(rest);
        let mut branches = Vec::new();
        for index in 0..all.as_ref().and_then(Value::as_array).map_or(0, Vec::len) {
            let Some(below) = place.step(&[keyword, &index.to_string()]) else { continue };
            let test = self.test(&below)?;
            let schema = self.target(&below)?.schema.into_owned();
            let merged = self.merged(place, &[rest.clone(), schema])?;
            branches.push((test, self.value(&merged)?));
        }
        Ok(Kind::Branches(branches, place.shown()))
    }

    fn condition(
        &mut self,
        place: &Place<'s>,
        members: &Map<String, Value>,
    ) -> Result<Kind, String> {
        let mut rest = members.clone();
        for keyword in ["if", "then", "else"] {
            rest.shift_remove(keyword);
        }
        let rest = Value::Object(rest);
        let mut clause = |name: &str| match place.step(&[name]) {
            Some(below) => {
                let schema = self.target(&below)?.schema.into_owned();
                self.merged(place, &[rest.clone(), schema]).and_then(|merged| self.value(&merged))
            }
            None => self
                .merged(place, std::slice::from_ref(&rest))
                .and_then(|merged| self.value(&merged)),
        };
        let (then, otherwise) = (clause("then")?, clause("else")?);
        let below = place.step(&["if"]).ok_or("`if` is missing")?;
        Ok(Kind::If { test: self.test(&below)?, then, otherwise })
    }

    /// A test of a subschema. One that was merged stands in no document, so it is one of its own;
    /// it may refer to the whole all the same.
    fn test(&mut self, place: &Place<'s>) -> Result<super::branches::Test, String> {
        if let Cow::Owned(schema) = &place.schema {
            let mut whole = self.root.as_object().cloned().unwrap_or_default();
            whole.insert("x-branch".into(), schema.clone());
            return Tests::of(&Value::Object(whole))?.at("#/x-branch");
        }
        if self.tests.is_none() {
            self.tests = Some(Tests::of(self.root)?);
        }
        match &self.tests {
            Some(tests) => tests.at(&place.pointer),
            None => Err("there are no tests".into()),
        }
    }
}

pub(super) fn fit(name: &str) -> Result<Fit, String> {
    Ok(match name {
        "null" => Fit::Null,
        "string" => Fit::Text,
        "integer" => Fit::Integer,
        "number" => Fit::Number,
        "boolean" => Fit::Boolean,
        "object" => Fit::Object,
        "array" => Fit::Array,
        other => return Err(format!("unknown type `{other}`")),
    })
}

/// The type that a schema without `type` means, by its keywords.
pub(super) fn inferred(members: &Map<String, Value>) -> Option<&'static str> {
    const KEYWORDS: [(&str, &[&str]); 4] = [
        (
            "object",
            &[
                "properties",
                "required",
                "additionalProperties",
                "patternProperties",
                "maxProperties",
                "minProperties",
                "dependencies",
            ],
        ),
        ("array", &["items", "additionalItems", "maxItems", "minItems", "uniqueItems", "contains"]),
        ("string", &["maxLength", "minLength", "pattern"]),
        ("number", &["multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"]),
    ];
    let has =
        |(_, keywords): &&(&str, &[&str])| keywords.iter().any(|one| members.contains_key(*one));
    KEYWORDS.iter().find(has).map(|(name, _)| *name)
}
