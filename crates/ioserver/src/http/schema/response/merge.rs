//! Several response schemas as one: those of `allOf`, or a schema and its branch.

use serde_json::{Map, Value};

use super::super::js;
use crate::http::ecma::{self, GaveUp};

/// Merges schemas. The error is the keyword that they contradict each other in.
pub(super) fn merge(schemas: &[Value]) -> Result<Value, String> {
    if let [only] = schemas {
        return Ok(only.clone());
    }
    if schemas.contains(&Value::Bool(false)) {
        return Ok(Value::Bool(false));
    }
    let objects = schemas.iter().filter_map(Value::as_object).collect::<Vec<_>>();
    if objects.is_empty() {
        return Ok(Value::Bool(true));
    }
    let mut merged = Map::new();
    for keyword in objects.iter().flat_map(|schema| schema.keys()) {
        if merged.contains_key(keyword) {
            continue;
        }
        let values = objects.iter().filter_map(|schema| schema.get(keyword)).collect::<Vec<_>>();
        if let Some(value) = keyword_of(keyword, &values, &objects)? {
            merged.insert(keyword.clone(), value);
        }
    }
    Ok(Value::Object(merged))
}

fn keyword_of(
    keyword: &str,
    values: &[&Value],
    schemas: &[&Map<String, Value>],
) -> Result<Option<Value>, String> {
    let contradiction = || keyword.to_owned();
    match keyword {
        "$id" => Ok(None),
        "properties" => properties(schemas).map(Some),
        "patternProperties" | "definitions" | "$defs" => maps(values).map(Some),
        "required" | "allOf" => Ok(Some(union(values))),
        "anyOf" | "oneOf" => branches(values).map(Some),
        "type" => types(values).map(Some).ok_or_else(contradiction),
        "enum" => match intersection(values) {
            Value::Array(left) if left.is_empty() => Err(contradiction()),
            left => Ok(Some(left)),
        },
        "nullable" => Ok(Some(values.iter().all(|one| **one != Value::Bool(false)).into())),
        "items" | "additionalItems" | "additionalProperties"
            if values.iter().all(|one| !one.is_array()) =>
        {
            merge(&values.iter().map(|one| (*one).clone()).collect::<Vec<_>>()).map(Some)
        }
        // What a value has to satisfy plays no part in how it is written.
        _ if values.iter().all(|one| js::equal(one, values[0])) => Ok(Some(values[0].clone())),
        "const" | "default" | "format" | "items" => Err(contradiction()),
        "if" | "then" | "else" => Ok(Some(values[0].clone())),
        _ => Ok(None),
    }
}

fn properties(schemas: &[&Map<String, Value>]) -> Result<Value, String> {
    let mut merged = Map::new();
    for (index, schema) in schemas.iter().enumerate() {
        for (name, property) in
            schema.get("properties").and_then(Value::as_object).into_iter().flatten()
        {
            if merged.contains_key(name) {
                continue;
            }
            let others = schemas.iter().enumerate().filter(|(other, _)| *other != index);
            let mut all = vec![property.clone()];
            for (_, schema) in others {
                all.extend(of_property(schema, name)?.cloned());
            }
            merged.insert(name.clone(), merge(&all)?);
        }
    }
    Ok(Value::Object(merged))
}

/// What another schema says of a property.
fn of_property<'s>(
    schema: &'s Map<String, Value>,
    name: &str,
) -> Result<Option<&'s Value>, String> {
    if let Some(property) = schema.get("properties").and_then(|all| all.get(name)) {
        return Ok(Some(property));
    }
    let patterns = schema.get("patternProperties").and_then(Value::as_object).into_iter().flatten();
    for (pattern, found) in patterns {
        let regex = ecma::compile(pattern).ok();
        match regex.map(|regex| ecma::is_match(&regex, name)) {
            Some(Ok(true)) => return Ok(Some(found)),
            Some(Ok(false)) => {}
            Some(Err(GaveUp)) | None => return Err(format!("patternProperties/{pattern}")),
        }
    }
    Ok(schema.get("additionalProperties"))
}

fn maps(values: &[&Value]) -> Result<Value, String> {
    let mut merged: Map<String, Value> = Map::new();
    for (name, schema) in values.iter().filter_map(|one| one.as_object()).flatten() {
        let schema = match merged.get(name) {
            Some(known) => merge(&[known.clone(), schema.clone()])?,
            None => schema.clone(),
        };
        merged.insert(name.clone(), schema);
    }
    Ok(Value::Object(merged))
}

fn union(values: &[&Value]) -> Value {
    let mut all: Vec<Value> = Vec::new();
    for value in values.iter().filter_map(|one| one.as_array()).flatten() {
        if !all.contains(value) {
            all.push(value.clone());
        }
    }
    all.into()
}

fn intersection(values: &[&Value]) -> Value {
    let mut lists = values.iter().filter_map(|one| one.as_array());
    let mut left = lists.next().cloned().unwrap_or_default();
    for list in lists {
        left.retain(|value| list.iter().any(|other| js::equal(value, other)));
    }
    left.into()
}

fn types(values: &[&Value]) -> Option<Value> {
    let lists = values.iter().map(|one| match one {
        Value::Array(_) => (*one).clone(),
        one => Value::Array(vec![(*one).clone()]),
    });
    let lists = lists.collect::<Vec<_>>();
    let Value::Array(mut left) = intersection(&lists.iter().collect::<Vec<_>>()) else {
        return None;
    };
    match left.len() {
        0 => None,
        1 => left.pop(),
        _ => Some(left.into()),
    }
}

/// Each branch with each; those that contradict are no branches.
fn branches(values: &[&Value]) -> Result<Value, String> {
    let mut lists = values.iter().filter_map(|one| one.as_array());
    let mut left = lists.next().cloned().unwrap_or_default();
    for list in lists {
        let pairs = left.iter().flat_map(|one| list.iter().map(move |other| (one, other)));
        left = pairs.filter_map(|(one, other)| merge(&[one.clone(), other.clone()]).ok()).collect();
    }
    Ok(left.into())
}
