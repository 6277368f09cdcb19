//! A compiled response schema: nodes that refer to each other by index.

use serde_json::Value;

use super::branches::Test;
use crate::http::ecma::Regex;

pub(super) type NodeId = usize;

pub(super) struct Serializer {
    pub(super) nodes: Vec<Node>,
    pub(super) root: NodeId,
}

pub(super) struct Node {
    pub(super) is_nullable: bool,
    pub(super) kind: Kind,
}

pub(super) enum Kind {
    /// As it is.
    Any,
    /// A constant, whatever the payload has; and whether `null` stays `null`.
    Const(Value, bool),
    /// What another node makes of it.
    Same(NodeId),
    Null,
    Text,
    /// Text of a date or time, by the format's name.
    Time(&'static str),
    Integer,
    Number,
    Boolean,
    Object(Box<ObjectNode>),
    Array(ArrayNode),
    /// Several types: the first that fits, and the place for the error.
    Types(Vec<(Fit, NodeId)>, String),
    /// `anyOf` and `oneOf`: the first whose schema holds.
    Branches(Vec<(Test, NodeId)>, String),
    If {
        test: Test,
        then: NodeId,
        otherwise: NodeId,
    },
}

/// Whether a value goes to one of several types.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fit {
    Null,
    Text,
    Integer,
    Number,
    Boolean,
    Object,
    Array,
}

pub(super) struct ObjectNode {
    /// Required members that `properties` does not describe.
    pub(super) required: Vec<String>,
    /// Those that are required first.
    pub(super) properties: Vec<Property>,
    pub(super) patterns: Vec<(Regex, NodeId)>,
    pub(super) additional: Option<NodeId>,
}

pub(super) struct Property {
    pub(super) name: String,
    /// With quotes and colon.
    pub(super) key: String,
    pub(super) node: NodeId,
    pub(super) default: Option<Value>,
    pub(super) is_required: bool,
}

pub(super) struct ArrayNode {
    pub(super) items: Items,
    pub(super) place: String,
}

pub(super) enum Items {
    All(NodeId),
    /// A tuple's members, with what each may be, and what may follow.
    Tuple(Vec<(Vec<Fit>, NodeId)>, Option<NodeId>),
}
