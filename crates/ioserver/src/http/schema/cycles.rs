//! Schemas that lead back to themselves without looking deeper into the value: checking one would
//! never end.

use super::node::{AnyRule, Compiled, Node, ObjectRule, Sub};

#[derive(Clone, Copy, PartialEq)]
enum Seen {
    Not,
    Open,
    Done,
}

pub(super) fn refuse(schema: &Compiled) -> Result<(), String> {
    let mut seen = vec![Seen::Not; schema.nodes.len()];
    for start in 0..schema.nodes.len() {
        visit(schema, start, &mut seen)?;
    }
    Ok(())
}

fn visit(schema: &Compiled, id: usize, seen: &mut [Seen]) -> Result<(), String> {
    match seen[id] {
        Seen::Done => return Ok(()),
        Seen::Open => return Err("a `$ref` leads back to itself without an end".into()),
        Seen::Not => seen[id] = Seen::Open,
    }
    for next in same_value(&schema.nodes[id]) {
        visit(schema, next, seen)?;
    }
    seen[id] = Seen::Done;
    Ok(())
}

/// The nodes that look at the very value that `node` looks at.
fn same_value(node: &Node) -> Vec<usize> {
    let mut subs = Vec::new();
    for rule in &node.any {
        match rule {
            AnyRule::Inline(sub) | AnyRule::Call(sub) | AnyRule::Not(sub) => subs.push(*sub),
            AnyRule::AnyOf(all) | AnyRule::OneOf(all) | AnyRule::AllOf(all) => subs.extend(all),
            AnyRule::If { condition, then, otherwise } => {
                subs.push(*condition);
                subs.extend(then.iter().chain(otherwise));
            }
            AnyRule::Const(_) | AnyRule::Enum(_) => {}
        }
    }
    let rules = node.object.iter().flat_map(|object| &object.rules);
    subs.extend(rules.filter_map(|rule| match rule {
        ObjectRule::Dependent(_, sub) => Some(*sub),
        _ => None,
    }));
    let id = |sub| match sub {
        Sub::Node(id) => Some(id),
        Sub::Always => None,
    };
    subs.into_iter().filter_map(id).collect()
}
