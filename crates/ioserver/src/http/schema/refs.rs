//! `$ref` within a schema: `#`, a JSON pointer, a name given by `$id`.
//!
//! Nothing is fetched, and one route's schema does not see another's.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::keywords;

/// The parts of a schema that have a name.
pub(super) struct Ids<'s>(HashMap<&'s str, &'s Value>);

impl<'s> Ids<'s> {
    /// Finds them; the error names one that is there twice.
    pub(super) fn of(root: &'s Value) -> Result<Self, String> {
        let mut ids = Self(HashMap::new());
        ids.collect(root)?;
        Ok(ids)
    }

    fn collect(&mut self, value: &'s Value) -> Result<(), String> {
        match value {
            Value::Array(items) => items.iter().try_for_each(|item| self.collect(item)),
            Value::Object(members) => {
                if let Some(Value::String(id)) = members.get("$id") {
                    let known = self.0.insert(trim(id), value);
                    if known.is_some_and(|known| known != value) {
                        return Err(format!("`$id` `{id}` is there twice"));
                    }
                }
                members.values().try_for_each(|member| self.collect(member))
            }
            _ => Ok(()),
        }
    }

    /// What `reference` stands for in the end, and the resource that references within it are
    /// relative to.
    pub(super) fn target(
        &self,
        base: &'s Value,
        reference: &str,
    ) -> Result<(&'s Value, &'s Value), String> {
        const MANY: usize = 100;
        let mut found = self.resolve(base, reference)?;
        for _ in 0..MANY {
            let Value::Object(members) = found.0 else { return Ok(found) };
            let Some(Value::String(next)) = members.get("$ref") else { return Ok(found) };
            if members.keys().any(|name| name != "$ref" && keywords::is_rule(name)) {
                return Ok(found);
            }
            found = self.resolve(found.1, next)?;
        }
        Err(format!("`$ref` `{reference}` leads back to itself without an end"))
    }

    /// What `reference` stands for, and the resource that references within it are relative to.
    fn resolve(&self, base: &'s Value, reference: &str) -> Result<(&'s Value, &'s Value), String> {
        let unknown = || {
            format!(
                "`$ref` `{reference}` leads nowhere: it has to name a part of this schema, such as \
                 `#/definitions/…`"
            )
        };
        if let Some(found) = self.0.get(trim(reference)) {
            return Ok((found, if reference.starts_with('#') { base } else { found }));
        }
        let (id, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let base = if id.is_empty() { base } else { self.0.get(id).ok_or_else(unknown)? };
        let pointer = percent_decode_str(fragment).decode_utf8().map_err(|_| unknown())?;
        let pointer = if pointer == "/" { "" } else { &*pointer };
        base.pointer(pointer).map(|found| (found, base)).ok_or_else(unknown)
    }
}

fn trim(id: &str) -> &str {
    id.strip_suffix("#/").or_else(|| id.strip_suffix('#')).unwrap_or(id)
}

/// Whether a reference stands anywhere in `value`.
pub(super) fn has_ref(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_ref),
        Value::Object(members) => members.contains_key("$ref") || members.values().any(has_ref),
        _ => false,
    }
}
