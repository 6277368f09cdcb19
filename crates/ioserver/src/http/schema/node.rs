//! A compiled schema: nodes that refer to each other by index, with each keyword resolved to what
//! it does.

use std::collections::HashSet;

use serde_json::Value;

use super::formats::Format;
use crate::http::ecma::Regex;

/// The index of a node in its schema.
pub(super) type NodeId = usize;

/// A subschema, or what it comes to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sub {
    Always,
    Node(NodeId),
}

/// A schema of one part of a request.
pub(super) struct Compiled {
    pub(super) nodes: Vec<Node>,
    pub(super) root: Sub,
    /// Whether it may contain itself.
    pub(super) is_recursive: bool,
}

/// One schema object. The groups of keywords stand in ajv's order: those for any value, then those
/// for numbers, texts, arrays and objects.
#[derive(Default)]
pub(super) struct Node {
    /// The schema `false`.
    pub(super) never: bool,
    pub(super) types: Option<Types>,
    pub(super) any: Vec<AnyRule>,
    pub(super) number: Vec<NumberRule>,
    pub(super) text: Vec<TextRule>,
    pub(super) array: Option<ArrayRules>,
    pub(super) object: Option<ObjectRules>,
}

/// The `type` of a schema.
pub(super) struct Types {
    pub(super) list: Vec<Type>,
    /// As the schema has it, for messages: `string,null`.
    pub(super) text: String,
    /// A single `object` with object keywords: it is checked with them, after the other groups.
    pub(super) is_late: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Type {
    String,
    Number,
    Integer,
    Boolean,
    Null,
    Object,
    Array,
}

pub(super) enum AnyRule {
    /// `$ref` to a schema without references of its own, which ajv puts in the reference's place.
    Inline(Sub),
    /// Any other `$ref`: a validation of its own, with errors and defaults of its own.
    Call(Sub),
    Const(Value),
    Enum(Vec<Value>),
    Not(Sub),
    AnyOf(Vec<Sub>),
    OneOf(Vec<Sub>),
    AllOf(Vec<Sub>),
    If {
        condition: Sub,
        then: Option<Sub>,
        otherwise: Option<Sub>,
    },
}

pub(super) enum NumberRule {
    Maximum(f64),
    Minimum(f64),
    ExclusiveMaximum(f64),
    ExclusiveMinimum(f64),
    MultipleOf(f64),
    Format(String, Format),
}

pub(super) enum TextRule {
    MaxLength(usize),
    MinLength(usize),
    Pattern(String, Regex),
    Format(String, Format),
}

#[derive(Default)]
pub(super) struct ArrayRules {
    /// Of a tuple's members, by index.
    pub(super) defaults: Vec<(usize, Value)>,
    pub(super) rules: Vec<ArrayRule>,
}

pub(super) enum ArrayRule {
    MaxItems(usize),
    MinItems(usize),
    /// What follows a tuple: how long that is, and its schema; `None` refuses it.
    Additional(usize, Option<Sub>),
    Items(Sub),
    Tuple(Vec<Sub>),
    Contains(Sub),
    /// `Unique::Scalars` where the items' type is known and has no members.
    Unique(Unique),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Unique {
    Scalars,
    Values,
}

#[derive(Default)]
pub(super) struct ObjectRules {
    pub(super) defaults: Vec<(String, Value)>,
    pub(super) rules: Vec<ObjectRule>,
}

pub(super) enum ObjectRule {
    MaxProperties(usize),
    MinProperties(usize),
    Required(Vec<String>),
    PropertyNames(Sub),
    Additional {
        known: Known,
        then: Additional,
    },
    /// A member and the members that have to come with it.
    Requires(String, Vec<String>),
    Dependent(String, Sub),
    Properties(Vec<(String, Sub)>),
    Pattern(Regex, Sub),
}

/// What happens to a member that nothing else describes.
pub(super) enum Additional {
    /// `additionalProperties: false` under `removeAdditional: true`.
    Remove,
    Check(Sub),
}

/// The members that `properties` and `patternProperties` describe.
pub(super) struct Known {
    pub(super) names: HashSet<String>,
    pub(super) patterns: Vec<Regex>,
}
