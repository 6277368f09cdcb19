//! From a schema to its compiled form, with the rules of Ajv's strict mode: what would be ignored
//! is refused.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{
    cycles,
    keywords::{self, Keywords},
    node::{AnyRule, Compiled, Node, NodeId, Sub, Type, Types},
    refs::{Ids, has_ref},
};

/// Compiles a schema. The error says what is wrong with it, and where.
pub(super) fn compile(schema: &Value) -> Result<Compiled, String> {
    keywords::is_draft_7(schema)?;
    if let Err(error) = jsonschema::draft7::meta::validate(schema) {
        return Err(format!("at `#{}`: {error}", error.instance_path()));
    }
    let mut compiler =
        Compiler { ids: Ids::of(schema)?, nodes: Vec::new(), called: HashMap::new() };
    let root = compiler.whole(schema, &Scope::of(schema))?;
    let is_recursive = !compiler.called.is_empty();
    let compiled = Compiled { nodes: compiler.nodes, root, is_recursive };
    cycles::refuse(&compiled)?;
    Ok(compiled)
}

pub(super) struct Compiler<'s> {
    ids: Ids<'s>,
    nodes: Vec<Node>,
    /// The schemas that are called, by address: a schema may contain itself.
    called: HashMap<usize, NodeId>,
}

/// Where in the schema the compiler is.
#[derive(Clone)]
pub(super) struct Scope<'s> {
    /// A JSON pointer.
    place: String,
    /// What references are relative to.
    base: &'s Value,
    /// Whether a failure is no verdict yet; Ajv gives no defaults there.
    pub(super) is_composite: bool,
}

impl<'s> Scope<'s> {
    fn of(base: &'s Value) -> Self {
        Self { place: "#".into(), base, is_composite: false }
    }

    pub(super) fn at(&self, step: &str) -> Self {
        Self { place: format!("{}/{step}", self.place), ..self.clone() }
    }

    pub(super) fn composite(&self, step: &str) -> Self {
        Self { is_composite: true, ..self.at(step) }
    }

    pub(super) fn error<T>(&self, problem: impl std::fmt::Display) -> Result<T, String> {
        Err(format!("at `{}`: {problem}", self.place))
    }
}

impl<'s> Compiler<'s> {
    /// A schema that is compiled to a validation of its own.
    fn whole(&mut self, schema: &'s Value, scope: &Scope<'s>) -> Result<Sub, String> {
        if schema.get("default").is_some() {
            return scope.error("a `default` of a whole schema has no effect");
        }
        self.sub(schema, scope)
    }

    pub(super) fn sub(&mut self, schema: &'s Value, scope: &Scope<'s>) -> Result<Sub, String> {
        let members = match schema {
            Value::Bool(true) => return Ok(Sub::Always),
            Value::Object(members) => members,
            _ => return Ok(self.add(Node { never: true, ..Node::default() })),
        };
        keywords::refuse_unknown(members, scope)?;
        if !keywords::has_rules(members) {
            return Ok(Sub::Always);
        }
        let node = self.node(members, &self.rebased(schema, scope))?;
        Ok(self.add(node))
    }

    /// A schema with an `$id` that is no mere fragment is what its references are relative to.
    fn rebased(&self, schema: &'s Value, scope: &Scope<'s>) -> Scope<'s> {
        let id = schema.get("$id").and_then(Value::as_str);
        let base = if id.is_some_and(|id| !id.starts_with('#')) { schema } else { scope.base };
        Scope { base, ..scope.clone() }
    }

    fn add(&mut self, node: Node) -> Sub {
        self.nodes.push(node);
        Sub::Node(self.nodes.len() - 1)
    }

    fn node(&mut self, members: &'s Map<String, Value>, scope: &Scope<'s>) -> Result<Node, String> {
        let keywords = Keywords { members, scope };
        Ok(Node {
            never: false,
            types: types(members, scope)?,
            any: self.any(&keywords)?,
            number: keywords.number()?,
            text: keywords.text()?,
            array: self.array(&keywords)?,
            object: self.object(&keywords)?,
        })
    }

    fn any(&mut self, keywords: &Keywords<'s, '_>) -> Result<Vec<AnyRule>, String> {
        let mut rules = Vec::new();
        if let Some(reference) = keywords.get_text("$ref") {
            rules.push(self.reference(reference, keywords.scope)?);
        }
        if let Some(value) = keywords.get("const") {
            rules.push(AnyRule::Const(value.clone()));
        }
        if let Some(values) = keywords.get_list("enum") {
            if values.is_empty() {
                return keywords.scope.error("an `enum` without values lets nothing through");
            }
            rules.push(AnyRule::Enum(values.clone()));
        }
        if let Some(schema) = keywords.get("not") {
            rules.push(AnyRule::Not(self.sub(schema, &keywords.scope.composite("not"))?));
        }
        if let Some(schemas) = keywords.get_list("anyOf")
            && !any_always_valid(schemas, keywords.scope)?
        {
            rules.push(AnyRule::AnyOf(self.list(schemas, &keywords.scope.composite("anyOf"))?));
        }
        if let Some(schemas) = keywords.get_list("oneOf") {
            rules.push(AnyRule::OneOf(self.list(schemas, &keywords.scope.composite("oneOf"))?));
        }
        if let Some(schemas) = keywords.get_list("allOf") {
            rules.push(AnyRule::AllOf(self.list(schemas, &keywords.scope.at("allOf"))?));
        }
        rules.extend(self.condition(keywords)?);
        Ok(rules)
    }

    pub(super) fn list(
        &mut self,
        schemas: &'s [Value],
        scope: &Scope<'s>,
    ) -> Result<Vec<Sub>, String> {
        let sub = |(index, schema)| self.sub(schema, &scope.at(&format!("{index}")));
        schemas.iter().enumerate().map(sub).collect()
    }

    fn condition(&mut self, keywords: &Keywords<'s, '_>) -> Result<Option<AnyRule>, String> {
        let scope = keywords.scope;
        let clauses = (keywords.get("then"), keywords.get("else"));
        let Some(condition) = keywords.get("if") else {
            return match clauses {
                (None, None) => Ok(None),
                _ => scope.error("`then` and `else` have no effect without `if`"),
            };
        };
        if clauses == (None, None) {
            return scope.error("`if` has no effect without `then` or `else`");
        }
        let mut clause = |schema: Option<&'s Value>, name| {
            let sub = schema.map(|schema| self.sub(schema, &scope.at(name))).transpose()?;
            Ok::<_, String>(sub.filter(|sub| matches!(sub, Sub::Node(_))))
        };
        let (then, otherwise) = (clause(clauses.0, "then")?, clause(clauses.1, "else")?);
        if then.is_none() && otherwise.is_none() {
            return Ok(None);
        }
        let condition = self.sub(condition, &scope.composite("if"))?;
        Ok(Some(AnyRule::If { condition, then, otherwise }))
    }

    /// Ajv puts a schema without references in the reference's place, and calls any other.
    fn reference(&mut self, reference: &'s str, scope: &Scope<'s>) -> Result<AnyRule, String> {
        let (schema, base) = match self.ids.target(scope.base, reference) {
            Ok(found) => found,
            Err(problem) => return scope.error(problem),
        };
        let target = Scope { base, ..scope.at("$ref") };
        if !has_ref(schema) {
            return self.sub(schema, &target).map(AnyRule::Inline);
        }
        let address = std::ptr::from_ref(schema).addr();
        if let Some(known) = self.called.get(&address) {
            return Ok(AnyRule::Call(Sub::Node(*known)));
        }
        // Its place is taken before it is compiled, since it may lead back here.
        let Sub::Node(id) = self.add(Node::default()) else { unreachable!("a node was added") };
        self.called.insert(address, id);
        let whole = self.whole(schema, &Scope { is_composite: false, ..target })?;
        self.nodes[id].any.push(AnyRule::AllOf(vec![whole]));
        Ok(AnyRule::Call(Sub::Node(id)))
    }
}

fn types(members: &Map<String, Value>, scope: &Scope<'_>) -> Result<Option<Types>, String> {
    let mut names = match members.get("type") {
        Some(Value::String(name)) => vec![name.as_str()],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let mut list = names.iter().filter_map(|name| Type::of(name)).collect::<Vec<_>>();
    match members.get("nullable") {
        None => {}
        Some(Value::Bool(_)) if list.is_empty() => {
            return scope.error("`nullable` needs a `type`");
        }
        Some(Value::Bool(false)) if list.contains(&Type::Null) => {
            return scope.error("`nullable: false` contradicts the type `null`");
        }
        Some(Value::Bool(true)) if !list.contains(&Type::Null) => {
            list.push(Type::Null);
            // Ajv's message has it where it adds to a list.
            names.extend(members["type"].is_array().then_some("null"));
        }
        Some(Value::Bool(_)) => {}
        Some(_) => return scope.error("`nullable` is no boolean"),
    }
    if list.is_empty() {
        return Ok(None);
    }
    let is_late = list == [Type::Object] && keywords::has_object_rules(members);
    Ok(Some(Types { list, text: names.join(","), is_late }))
}

/// Whether one of the schemas takes everything: the others are not looked at then.
fn any_always_valid(schemas: &[Value], scope: &Scope<'_>) -> Result<bool, String> {
    for schema in schemas {
        if keywords::is_always_valid(schema, &scope.at("anyOf"))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether all items are scalars, by their type.
pub(super) fn are_scalars(items: Option<&Value>, scope: &Scope<'_>) -> Result<bool, String> {
    let Some(Value::Object(items)) = items else { return Ok(false) };
    let is_scalar = |one: &Type| !matches!(one, Type::Object | Type::Array);
    Ok(types(items, scope)?.is_some_and(|types| types.list.iter().all(is_scalar)))
}
