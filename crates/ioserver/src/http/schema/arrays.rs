//! Keywords for arrays.

use std::collections::HashMap;

use serde_json::Value;

use super::{
    check::{Mode, Outcome, Pass},
    js,
    node::{ArrayRule, ArrayRules, Sub, Unique},
};

impl<'s> Pass<'s> {
    pub(super) fn array(
        &mut self,
        ArrayRules { defaults, rules }: &'s ArrayRules,
        items: &mut Vec<Value>,
        mode: Mode,
    ) -> Outcome {
        if !mode.is_composite {
            for (index, default) in defaults {
                if *index >= items.len() {
                    items.resize(*index, Value::Null);
                    items.push(default.clone());
                }
            }
        }
        for rule in rules {
            if !self.array_rule(rule, items, mode)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn array_rule(&mut self, rule: &'s ArrayRule, items: &mut [Value], mode: Mode) -> Outcome {
        let length = items.len();
        match rule {
            ArrayRule::MaxItems(limit) if length > *limit => {
                self.fail(format!("must NOT have more than {limit} items"), mode)
            }
            ArrayRule::MinItems(limit) if length < *limit => {
                self.fail(format!("must NOT have fewer than {limit} items"), mode)
            }
            ArrayRule::MaxItems(_) | ArrayRule::MinItems(_) => Ok(true),
            ArrayRule::Additional(tuple, None) if length > *tuple => {
                self.fail(format!("must NOT have more than {tuple} items"), mode)
            }
            ArrayRule::Additional(tuple, sub) => {
                let rest = items.iter_mut().enumerate().skip(*tuple);
                self.each(rest, |_| sub.unwrap_or(Sub::Always), mode)
            }
            ArrayRule::Items(sub) => self.each(items.iter_mut().enumerate(), |_| *sub, mode),
            ArrayRule::Tuple(subs) => {
                let tuple = items.iter_mut().enumerate().take(subs.len());
                self.each(tuple, |index| subs[index], mode)
            }
            ArrayRule::Contains(sub) => self.contains(*sub, items, mode),
            ArrayRule::Unique(kind) => match twins(items, *kind) {
                None => Ok(true),
                Some((one, other)) => self.fail(
                    format!(
                        "must NOT have duplicate items (items ## {one} and {other} are identical)"
                    ),
                    mode,
                ),
            },
        }
    }

    fn each<'v>(
        &mut self,
        items: impl Iterator<Item = (usize, &'v mut Value)>,
        sub: impl Fn(usize) -> Sub,
        mode: Mode,
    ) -> Outcome {
        for (index, item) in items {
            if !self.below(sub(index), item, || format!("/{index}"), mode)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn contains(&mut self, sub: Sub, items: &mut [Value], mode: Mode) -> Outcome {
        let mark = self.mark();
        for (index, item) in items.iter_mut().enumerate() {
            if self.below(sub, item, || format!("/{index}"), Mode::COMPOSITE)? {
                self.forget(mark);
                return Ok(true);
            }
        }
        self.fail("must contain at least 1 valid item(s)", mode)
    }
}

/// Two equal items, as ajv names them. By fingerprint and not pair by pair: a long list from a
/// stranger must not take the square of its length.
fn twins(items: &[Value], kind: Unique) -> Option<(usize, usize)> {
    let mut last: HashMap<String, usize> = HashMap::with_capacity(items.len());
    let mut found = None;
    for (index, item) in items.iter().enumerate() {
        let mut print = String::new();
        js::fingerprint(item, &mut print);
        if let Some(before) = last.insert(print, index) {
            // Ajv goes from the end: to the last item that has an equal one before it, or, among
            // scalars, to the last one that has an equal one after it.
            let better = match (kind, found) {
                (_, None) | (Unique::Values, _) => true,
                (Unique::Scalars, Some((_, earlier))) => before > earlier,
            };
            if better {
                found =
                    Some(if kind == Unique::Values { (before, index) } else { (index, before) });
            }
        }
    }
    found
}
