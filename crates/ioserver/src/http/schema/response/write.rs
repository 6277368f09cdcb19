//! Writes a payload through its schema.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{
    super::js,
    node::{ArrayNode, Fit, Items, Kind, Node, NodeId, ObjectNode, Serializer},
};
use crate::{
    http::ecma::{self, GaveUp},
    json,
};

type Written = Result<(), String>;

/// How deep a payload may be nested: a schema may contain itself.
const MAX_DEPTH: u32 = 256;

impl Serializer {
    /// The JSON of `payload`. The error is for the server's log and, as in the original, for the
    /// client.
    pub(super) fn to_vec(&self, payload: &Value) -> Result<Vec<u8>, String> {
        let mut writer = Writer { nodes: &self.nodes, out: Vec::with_capacity(128), depth: 0 };
        writer.value(self.root, payload)?;
        Ok(writer.out)
    }
}

struct Writer<'s> {
    nodes: &'s [Node],
    out: Vec<u8>,
    depth: u32,
}

impl<'s> Writer<'s> {
    fn value(&mut self, id: NodeId, value: &Value) -> Written {
        if self.depth > MAX_DEPTH {
            return Err("The payload is nested too deeply.".into());
        }
        self.depth += 1;
        let node: &'s Node = &self.nodes[id];
        let written = if node.is_nullable && value.is_null() {
            self.raw(b"null");
            Ok(())
        } else {
            self.kind(&node.kind, value)
        };
        self.depth -= 1;
        written
    }

    fn kind(&mut self, kind: &'s Kind, value: &Value) -> Written {
        match kind {
            Kind::Any => self.json(value),
            Kind::Const(_, true) if value.is_null() => self.json(value),
            Kind::Const(constant, _) => self.json(constant),
            Kind::Same(node) => self.value(*node, value),
            Kind::Null => {
                self.raw(b"null");
                Ok(())
            }
            Kind::Text if value.is_null() => self.json(&Value::from("")),
            Kind::Text => match value {
                Value::String(_) => self.json(value),
                other => self.json(&Value::from(js::text(other))),
            },
            Kind::Time(name) => self.time(name, value),
            Kind::Integer => self.integer(value),
            Kind::Number => self.number(value),
            Kind::Boolean => {
                self.raw(if js::is_truthy(value) { b"true" } else { b"false" });
                Ok(())
            }
            Kind::Object(object) => self.object(object, value),
            Kind::Array(array) => self.array(array, value),
            Kind::Types(types, place) => match types.iter().find(|(fit, _)| fit.takes(value)) {
                Some((_, node)) => self.value(*node, value),
                None => Err(mismatch(place)),
            },
            Kind::Branches(branches, place) => {
                match branches.iter().find(|(test, _)| test.holds(value)) {
                    Some((_, node)) => self.value(*node, value),
                    None => Err(mismatch(place)),
                }
            }
            Kind::If { test, then, otherwise } => {
                self.value(if test.holds(value) { *then } else { *otherwise }, value)
            }
        }
    }

    fn raw(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    fn json(&mut self, value: &Value) -> Written {
        let bytes = json::to_vec(value).map_err(|error| error.to_string())?;
        self.raw(&bytes);
        Ok(())
    }

    fn time(&mut self, name: &str, value: &Value) -> Written {
        match value {
            Value::Null => self.json(&Value::from("")),
            Value::String(_) => self.json(value),
            other => {
                Err(format!("The value \"{}\" cannot be converted to a {name}.", js::text(other)))
            }
        }
    }

    fn integer(&mut self, value: &Value) -> Written {
        let whole = js::to_number(value).map(f64::trunc).filter(|number| number.is_finite());
        let Some(whole) = whole else { return Err(no_number(value, "an integer")) };
        match value {
            Value::Number(number) if number.is_i64() || number.is_u64() => self.json(value),
            _ => {
                self.raw(js::number_text(whole).as_bytes());
                Ok(())
            }
        }
    }

    fn number(&mut self, value: &Value) -> Written {
        let Some(number) = js::to_number(value) else { return Err(no_number(value, "a number")) };
        if number.is_infinite() {
            self.raw(b"null");
        } else {
            self.raw(js::number_text(number).as_bytes());
        }
        Ok(())
    }

    fn object(&mut self, object: &'s ObjectNode, value: &Value) -> Written {
        if value.is_null() {
            self.raw(b"{}");
            return Ok(());
        }
        let members = &*members(value);
        if let Some(name) = object.required.iter().find(|name| !members.contains_key(*name)) {
            return Err(is_required(name));
        }
        self.raw(b"{");
        let start = self.out.len();
        for property in &object.properties {
            match (members.get(&property.name), &property.default) {
                (Some(value), _) => {
                    self.key(&property.key, start);
                    self.value(property.node, value)?;
                }
                (None, Some(default)) => {
                    self.key(&property.key, start);
                    self.json(default)?;
                }
                (None, None) if property.is_required => return Err(is_required(&property.name)),
                (None, None) => {}
            }
        }
        if object.additional.is_some() || !object.patterns.is_empty() {
            self.others(object, members, start)?;
        }
        self.raw(b"}");
        Ok(())
    }

    /// Members that `properties` does not describe.
    fn others(
        &mut self,
        object: &'s ObjectNode,
        members: &Map<String, Value>,
        start: usize,
    ) -> Written {
        for (name, value) in members {
            if object.properties.iter().any(|property| property.name == *name) {
                continue;
            }
            if let Some(node) = object.pattern(name)?.or(object.additional) {
                self.key(&format!("{}:", Value::from(name.as_str())), start);
                self.value(node, value)?;
            }
        }
        Ok(())
    }

    fn key(&mut self, key: &str, start: usize) {
        if self.out.len() > start {
            self.raw(b",");
        }
        self.raw(key.as_bytes());
    }

    fn array(&mut self, ArrayNode { items, place }: &'s ArrayNode, value: &Value) -> Written {
        let values = match value {
            Value::Null => &Vec::new(),
            Value::Array(values) => values,
            _ => return Err(mismatch(place)),
        };
        if let Items::Tuple(tuple, None) = items
            && values.len() > tuple.len()
        {
            return Err(wrong_item(tuple.len()));
        }
        self.raw(b"[");
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                self.raw(b",");
            }
            let node = match items {
                Items::All(node) => Some(*node),
                Items::Tuple(tuple, rest) => match tuple.get(index) {
                    Some((fits, node)) => {
                        fits.iter().any(|fit| fit.takes_item(value)).then_some(*node)
                    }
                    None => *rest,
                },
            };
            self.value(node.ok_or_else(|| wrong_item(index))?, value)?;
        }
        self.raw(b"]");
        Ok(())
    }
}

impl ObjectNode {
    /// What the first pattern that a name matches says of it.
    fn pattern(&self, name: &str) -> Result<Option<NodeId>, String> {
        for (regex, node) in &self.patterns {
            match ecma::is_match(regex, name) {
                Ok(true) => return Ok(Some(*node)),
                Ok(false) => {}
                Err(GaveUp) => return Err("A name is too complex to be checked.".into()),
            }
        }
        Ok(None)
    }
}

impl Fit {
    /// For a schema with several types: JavaScript's `typeof`, with its `null` and its arrays.
    fn takes(self, value: &Value) -> bool {
        match self {
            Self::Null => value.is_null(),
            Self::Text => value.is_string() || value.is_null() || value.is_array(),
            Self::Integer => self.takes_item(value) || value.is_null(),
            Self::Number => value.is_number() || value.is_null(),
            Self::Boolean => value.is_boolean() || value.is_null(),
            Self::Object => value.is_object() || value.is_array() || value.is_null(),
            Self::Array => value.is_array(),
        }
    }

    /// For a tuple's member.
    fn takes_item(self, value: &Value) -> bool {
        match self {
            Self::Null => value.is_null(),
            Self::Text => value.is_string() || value.is_null() || value.is_array(),
            Self::Integer => matches!(value, Value::Number(number) if js::is_integer(number)),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Object => value.is_object(),
            Self::Array => value.is_array(),
        }
    }
}

/// The members of a value, which JavaScript finds in lists and texts too.
fn members(value: &Value) -> Cow<'_, Map<String, Value>> {
    let numbered = |(index, item): (usize, Value)| (index.to_string(), item);
    match value {
        Value::Object(members) => Cow::Borrowed(members),
        Value::Array(items) => {
            Cow::Owned(items.iter().cloned().enumerate().map(numbered).collect())
        }
        Value::String(text) => {
            let letters = text.chars().map(|letter| Value::from(letter.to_string()));
            Cow::Owned(letters.enumerate().map(numbered).collect())
        }
        _ => Cow::Owned(Map::new()),
    }
}

fn is_required(name: &str) -> String {
    format!("{} is required!", Value::from(name))
}

fn mismatch(place: &str) -> String {
    format!("The value of '{place}' does not match schema definition.")
}

fn wrong_item(index: usize) -> String {
    format!("Item at {index} does not match schema definition.")
}

fn no_number(value: &Value, kind: &str) -> String {
    format!("The value \"{}\" cannot be converted to {kind}.", js::text(value))
}
