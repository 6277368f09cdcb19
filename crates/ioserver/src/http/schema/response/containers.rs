//! Compiles the objects and arrays of a response schema.

use serde_json::{Map, Value};

use super::{
    super::keywords,
    compile::{Compiler, Place, fit, inferred},
    node::{ArrayNode, Fit, Items, Kind, ObjectNode, Property},
};
use crate::http::ecma;

impl<'s> Compiler<'s> {
    pub(super) fn object(
        &mut self,
        place: &Place<'s>,
        members: &Map<String, Value>,
    ) -> Result<ObjectNode, String> {
        let required = members.get("required").and_then(Value::as_array);
        let required = required.map(|names| keywords::texts(names)).unwrap_or_default();
        let described = members.get("properties").and_then(Value::as_object);
        let names = described.into_iter().flat_map(|all| all.keys().cloned()).collect::<Vec<_>>();
        let mut properties = Vec::new();
        for name in &names {
            properties.extend(self.property(place, name, required.contains(name))?);
        }
        properties.sort_by_key(|property| !property.is_required);
        let mut patterns = Vec::new();
        let all = members.get("patternProperties").and_then(Value::as_object);
        for pattern in all.into_iter().flat_map(|all| all.keys()) {
            let regex = ecma::compile(pattern)?;
            if let Some(below) = place.step(&["patternProperties", pattern]) {
                patterns.push((regex, self.value(&below)?));
            }
        }
        let additional = match place.step(&["additionalProperties"]) {
            Some(below) if *below.schema != Value::Bool(false) => Some(self.value(&below)?),
            _ => None,
        };
        let required = required.into_iter().filter(|name| !names.contains(name)).collect();
        Ok(ObjectNode { required, properties, patterns, additional })
    }

    fn property(
        &mut self,
        place: &Place<'s>,
        name: &str,
        is_required: bool,
    ) -> Result<Option<Property>, String> {
        let Some(below) = place.step(&["properties", name]) else { return Ok(None) };
        let default = self.target(&below)?.schema.get("default").cloned();
        Ok(Some(Property {
            name: name.into(),
            key: format!("{}:", Value::from(name)),
            node: self.value(&below)?,
            default,
            is_required,
        }))
    }

    pub(super) fn array(
        &mut self,
        place: &Place<'s>,
        members: &Map<String, Value>,
    ) -> Result<ArrayNode, String> {
        let items = match members.get("items") {
            Some(Value::Array(tuple)) => {
                let mut nodes = Vec::new();
                for index in 0..tuple.len() {
                    let index = index.to_string();
                    let Some(below) = place.step(&["items", &index]) else { continue };
                    nodes.push((self.fits(&below)?, self.value(&below)?));
                }
                let rest = match place.step(&["additionalItems"]) {
                    Some(below) if *below.schema != Value::Bool(false) => Some(self.value(&below)?),
                    _ => None,
                };
                Items::Tuple(nodes, rest)
            }
            _ => match place.step(&["items"]) {
                Some(below) => Items::All(self.value(&below)?),
                None => Items::All(self.add(Kind::Any)),
            },
        };
        Ok(ArrayNode { items, place: place.shown() })
    }

    /// What a tuple's member may be; one whose schema says nothing takes nothing, as in
    /// fast-json-stringify.
    fn fits(&self, place: &Place<'s>) -> Result<Vec<Fit>, String> {
        let place = self.target(place)?;
        let Value::Object(members) = place.schema.as_ref() else { return Ok(Vec::new()) };
        match members.get("type") {
            Some(Value::String(name)) => Ok(vec![fit(name)?]),
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(fit).collect(),
            _ => inferred(members).map(fit).into_iter().collect(),
        }
    }
}
