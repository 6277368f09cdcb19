//! The pass over a value: it checks, coerces, fills in and takes away in one go, in ajv's order.

use serde_json::Value;

use super::{
    coerce,
    messages::Failure,
    node::{AnyRule, Compiled, Node, NodeId, Sub, Types},
};
use crate::http::ecma::{GaveUp, Patience, Regex};

/// Everything that was found wrong: one failure, or those of the branches that led to it.
pub(super) type Failures = Vec<Failure>;

/// Ends a validation at its first failure.
pub(super) struct Stop;

/// Whether the value is valid; `Stop` where ajv returns from the whole function.
pub(super) type Outcome = Result<bool, Stop>;

/// Within `anyOf`, `oneOf`, `not`, `if`, `contains` and `propertyNames` a failure is no verdict yet:
/// the failures are gathered, and defaults are left out.
#[derive(Clone, Copy)]
pub(super) struct Mode {
    pub(super) is_composite: bool,
}

impl Mode {
    pub(super) const PLAIN: Self = Self { is_composite: false };
    pub(super) const COMPOSITE: Self = Self { is_composite: true };
}

impl Compiled {
    /// Checks `value` and makes it what the schema wants it to be.
    pub(super) fn validate(&self, value: &mut Value) -> Result<(), Failures> {
        let budget = if self.is_recursive { 100_000 + 50 * size(value) } else { u64::MAX };
        let mut pass = Pass {
            nodes: &self.nodes,
            failures: Vec::new(),
            depth: 0,
            budget,
            patience: Patience::default(),
        };
        match pass.sub(self.root, value, Mode::PLAIN) {
            Ok(true) => Ok(()),
            Ok(false) | Err(Stop) => Err(pass.failures),
        }
    }
}

/// How deep a value may be nested. Bodies are read to 128 levels; a schema that contains itself can
/// make a list of one of each item, for ever.
const MAX_DEPTH: u32 = 140;

/// How many values there are in `value`.
fn size(value: &Value) -> u64 {
    1 + match value {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(members) => members.values().map(size).sum(),
        _ => 0,
    }
}

pub(super) struct Pass<'s> {
    nodes: &'s [Node],
    failures: Failures,
    depth: u32,
    /// How many schemas may still be looked at. A schema that contains itself in several branches
    /// takes a time that doubles with each level of the value.
    budget: u64,
    patience: Patience,
}

impl<'s> Pass<'s> {
    pub(super) fn sub(&mut self, sub: Sub, value: &mut Value, mode: Mode) -> Outcome {
        match sub {
            Sub::Always => Ok(true),
            Sub::Node(id) => self.node(id, value, mode),
        }
    }

    /// A subschema of a member or an item, whose failures are below `place`.
    pub(super) fn below(
        &mut self,
        sub: Sub,
        value: &mut Value,
        place: impl Fn() -> String,
        mode: Mode,
    ) -> Outcome {
        let Sub::Node(id) = sub else { return Ok(true) };
        let mark = self.mark();
        self.depth += 1;
        let outcome = self.node(id, value, mode);
        self.depth -= 1;
        if !matches!(outcome, Ok(true)) {
            let place = place();
            // A failure that stands alone may have taken the place of earlier ones.
            let mark = mark.min(self.failures.len().saturating_sub(1));
            for failure in &mut self.failures[mark..] {
                failure.path.insert_str(0, &place);
            }
        }
        outcome
    }

    fn node(&mut self, id: NodeId, value: &mut Value, mode: Mode) -> Outcome {
        let node: &'s Node = &self.nodes[id];
        self.spend()?;
        if node.never {
            return self.fail("boolean schema is false", mode);
        }
        if let Some(types) = node.types.as_ref().filter(|types| !types.is_late)
            && !coerce::coerce(value, types)
        {
            self.fail(format!("must be {}", types.text), mode)?;
            // Where failures are gathered, ajv looks at the keywords for any value all the same.
            self.any(&node.any, value, mode)?;
            return Ok(false);
        }
        Ok(self.any(&node.any, value, mode)? && self.typed(node, value, mode)?)
    }

    fn typed(&mut self, node: &'s Node, value: &mut Value, mode: Mode) -> Outcome {
        let is_fine = match &mut *value {
            Value::Number(number) => self.number(&node.number, number, mode)?,
            Value::String(text) => self.text(&node.text, text, mode)?,
            Value::Array(items) => match &node.array {
                Some(rules) => self.array(rules, items, mode)?,
                None => true,
            },
            _ => true,
        };
        if !is_fine {
            return Ok(false);
        }
        match (value, &node.object, &node.types) {
            (Value::Object(members), Some(rules), _) => self.object(rules, members, mode),
            (Value::Object(_), None, _) => Ok(true),
            (_, _, Some(Types { is_late: true, text, .. })) => {
                self.fail(format!("must be {text}"), mode)
            }
            _ => Ok(true),
        }
    }

    fn any(&mut self, rules: &'s [AnyRule], value: &mut Value, mode: Mode) -> Outcome {
        for rule in rules {
            if !self.any_rule(rule, value, mode)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Adds a failure of this value, in place of any before it unless they are being gathered.
    pub(super) fn fail(&mut self, message: impl Into<String>, mode: Mode) -> Outcome {
        if !mode.is_composite {
            self.failures.clear();
        }
        self.fail_too(message, mode)
    }

    /// Adds a failure of this value to those of its branches.
    pub(super) fn fail_too(&mut self, message: impl Into<String>, mode: Mode) -> Outcome {
        self.failures.push(Failure { path: String::new(), message: message.into() });
        if mode.is_composite { Ok(false) } else { Err(Stop) }
    }

    pub(super) fn mark(&self) -> usize {
        self.failures.len()
    }

    pub(super) fn forget(&mut self, mark: usize) {
        self.failures.truncate(mark);
    }

    /// A validation of its own: its `Stop` is no more than its own end.
    pub(super) fn call(&mut self, sub: Sub, value: &mut Value) -> Outcome {
        let outer = std::mem::take(&mut self.failures);
        let is_valid = matches!(self.sub(sub, value, Mode::PLAIN), Ok(true));
        let inner = std::mem::replace(&mut self.failures, outer);
        if self.budget == 0 {
            self.failures = inner;
            return Err(Stop);
        }
        if !is_valid {
            self.failures.extend(inner);
        }
        Ok(is_valid)
    }

    /// Whether a text matches; a pattern that gives up ends the pass, within `not` as well.
    pub(super) fn matches(&mut self, pattern: &Regex, text: &str) -> Outcome {
        pattern.is_match(text, &mut self.patience).or_else(|GaveUp| self.give_up())
    }

    /// Ends the pass whatever it is within: with no budget left, no `call` goes on.
    fn give_up<T>(&mut self) -> Result<T, Stop> {
        self.budget = 0;
        self.fail("is too deep or too complex to be checked", Mode::PLAIN)?;
        Err(Stop)
    }

    /// Counts a step; past the limits the value is refused, wherever that is found out.
    fn spend(&mut self) -> Result<(), Stop> {
        self.budget = if self.depth > MAX_DEPTH { 0 } else { self.budget.saturating_sub(1) };
        if self.budget > 0 {
            return Ok(());
        }
        self.give_up()
    }
}
