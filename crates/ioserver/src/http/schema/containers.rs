//! Compiles the keywords for arrays and objects.

use serde_json::Value;

use super::{
    compile::{Compiler, are_scalars},
    keywords::{self, Keywords},
    node::{Additional, ArrayRule, ArrayRules, Known, ObjectRule, ObjectRules, Sub, Unique},
};
use crate::http::ecma;

impl<'s> Compiler<'s> {
    pub(super) fn array(
        &mut self,
        keywords: &Keywords<'s, '_>,
    ) -> Result<Option<ArrayRules>, String> {
        let mut rules = Vec::new();
        rules.extend(keywords.get_count("maxItems").map(ArrayRule::MaxItems));
        rules.extend(keywords.get_count("minItems").map(ArrayRule::MinItems));
        rules.extend(self.additional_items(keywords)?);
        let mut defaults = Vec::new();
        match keywords.get("items") {
            Some(Value::Array(tuple)) => {
                for (index, schema) in tuple.iter().enumerate() {
                    let default = self.default(keywords, schema)?;
                    defaults.extend(default.map(|default| (index, default)));
                }
                rules.push(ArrayRule::Tuple(self.list(tuple, &keywords.scope.at("items"))?));
            }
            Some(schema) => {
                let sub = self.sub(schema, &keywords.scope.at("items"))?;
                rules.extend(is_check(sub).then_some(ArrayRule::Items(sub)));
            }
            None => {}
        }
        if let Some(schema) = keywords.get("contains") {
            let sub = self.sub(schema, &keywords.scope.composite("contains"))?;
            rules.push(ArrayRule::Contains(sub));
        }
        if keywords.get("uniqueItems") == Some(&Value::Bool(true)) {
            let is_scalar = are_scalars(keywords.get("items"), keywords.scope)?;
            let kind = if is_scalar { Unique::Scalars } else { Unique::Values };
            rules.push(ArrayRule::Unique(kind));
        }
        Ok((!rules.is_empty()).then_some(ArrayRules { defaults, rules }))
    }

    fn additional_items(
        &mut self,
        keywords: &Keywords<'s, '_>,
    ) -> Result<Option<ArrayRule>, String> {
        let Some(schema) = keywords.get("additionalItems") else { return Ok(None) };
        let Some(tuple) = keywords.get_list("items").map(Vec::len) else {
            return keywords
                .scope
                .error("`additionalItems` has no effect unless `items` is a list of schemas");
        };
        if *schema == Value::Bool(false) {
            return Ok(Some(ArrayRule::Additional(tuple, None)));
        }
        let sub = self.sub(schema, &keywords.scope.at("additionalItems"))?;
        Ok(is_check(sub).then_some(ArrayRule::Additional(tuple, Some(sub))))
    }

    fn default(
        &self,
        keywords: &Keywords<'s, '_>,
        schema: &Value,
    ) -> Result<Option<Value>, String> {
        match schema.get("default") {
            Some(_) if keywords.scope.is_composite => keywords.scope.error(
                "a `default` has no effect within `anyOf`, `oneOf`, `not`, `if`, `contains` or \
                 `propertyNames`",
            ),
            default => Ok(default.cloned()),
        }
    }

    pub(super) fn object(
        &mut self,
        keywords: &Keywords<'s, '_>,
    ) -> Result<Option<ObjectRules>, String> {
        if !keywords::has_object_rules(keywords.members) {
            return Ok(None);
        }
        let mut defaults = Vec::new();
        for (name, schema) in keywords.get_members("properties").into_iter().flatten() {
            let default = self.default(keywords, schema)?;
            defaults.extend(default.map(|default| (name.clone(), default)));
        }
        let mut rules = Vec::new();
        rules.extend(keywords.get_count("maxProperties").map(ObjectRule::MaxProperties));
        rules.extend(keywords.get_count("minProperties").map(ObjectRule::MinProperties));
        rules.extend(keywords.get_texts("required").map(ObjectRule::Required));
        if let Some(schema) = keywords.get("propertyNames") {
            let sub = self.sub(schema, &keywords.scope.composite("propertyNames"))?;
            rules.extend(is_check(sub).then_some(ObjectRule::PropertyNames(sub)));
        }
        rules.extend(self.additional_properties(keywords)?);
        self.dependencies(keywords, &mut rules)?;
        self.properties(keywords, &mut rules)?;
        self.pattern_properties(keywords, &mut rules)?;
        Ok(Some(ObjectRules { defaults, rules }))
    }

    fn additional_properties(
        &mut self,
        keywords: &Keywords<'s, '_>,
    ) -> Result<Option<ObjectRule>, String> {
        let Some(schema) = keywords.get("additionalProperties") else { return Ok(None) };
        let then = if *schema == Value::Bool(false) {
            Additional::Remove
        } else {
            match self.sub(schema, &keywords.scope.at("additionalProperties"))? {
                Sub::Always => return Ok(None),
                sub => Additional::Check(sub),
            }
        };
        let names = keywords.get_members("properties").into_iter().flat_map(|all| all.keys());
        let patterns =
            keywords.get_members("patternProperties").into_iter().flat_map(|all| all.keys());
        let known = Known {
            names: names.cloned().collect(),
            patterns: patterns.map(|one| keywords.regex(one)).collect::<Result<_, _>>()?,
        };
        Ok(Some(ObjectRule::Additional { known, then }))
    }

    fn dependencies(
        &mut self,
        keywords: &Keywords<'s, '_>,
        rules: &mut Vec<ObjectRule>,
    ) -> Result<(), String> {
        let all = keywords.get_members("dependencies").into_iter().flatten();
        let (lists, schemas): (Vec<_>, Vec<_>) = all.partition(|(_, needs)| needs.is_array());
        for (name, needs) in lists {
            let needs = needs.as_array().map(|needs| keywords::texts(needs)).unwrap_or_default();
            rules.push(ObjectRule::Requires(name.clone(), needs));
        }
        for (name, schema) in schemas {
            let sub = self.sub(schema, &keywords.scope.at("dependencies").at(name))?;
            rules.extend(is_check(sub).then(|| ObjectRule::Dependent(name.clone(), sub)));
        }
        Ok(())
    }

    fn properties(
        &mut self,
        keywords: &Keywords<'s, '_>,
        rules: &mut Vec<ObjectRule>,
    ) -> Result<(), String> {
        let mut properties = Vec::new();
        for (name, schema) in keywords.get_members("properties").into_iter().flatten() {
            let sub = self.sub(schema, &keywords.scope.at("properties").at(name))?;
            properties.extend(is_check(sub).then(|| (name.clone(), sub)));
        }
        rules.extend((!properties.is_empty()).then_some(ObjectRule::Properties(properties)));
        Ok(())
    }

    fn pattern_properties(
        &mut self,
        keywords: &Keywords<'s, '_>,
        rules: &mut Vec<ObjectRule>,
    ) -> Result<(), String> {
        let names = || keywords.get_members("properties").into_iter().flat_map(|all| all.keys());
        let mut checks = Vec::new();
        let mut overlap = None;
        for (pattern, schema) in keywords.get_members("patternProperties").into_iter().flatten() {
            let regex = keywords.regex(pattern)?;
            let sub = self.sub(schema, &keywords.scope.at("patternProperties").at(pattern))?;
            // A name for which the pattern gives up may be one that it matches.
            let name = names().find(|name| ecma::is_match(&regex, name) != Ok(false));
            overlap = overlap.or(name.map(|name| (name, pattern)));
            checks.extend(is_check(sub).then_some(ObjectRule::Pattern(regex, sub)));
        }
        if let Some((name, pattern)) = overlap.filter(|_| !checks.is_empty()) {
            let problem = format_args!("property `{name}` matches the pattern `{pattern}` too");
            return keywords.scope.error(problem);
        }
        rules.append(&mut checks);
        Ok(())
    }
}

fn is_check(sub: Sub) -> bool {
    matches!(sub, Sub::Node(_))
}
