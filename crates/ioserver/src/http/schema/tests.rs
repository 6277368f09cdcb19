//! The pass against a table that was recorded with Ajv 8.20 under Fastify 5.8's options.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{compile::compile, js, messages};

/// A schema and what Ajv made of some values, or that it refused the schema.
#[derive(Deserialize)]
struct Row {
    schema: Value,
    #[serde(default)]
    refused: bool,
    #[serde(default)]
    pairs: Vec<(Value, Outcome)>,
}

#[derive(Deserialize)]
struct Outcome {
    value: Value,
    error: Option<String>,
}

#[test]
fn every_recorded_pair_comes_out_as_ajv_has_it() {
    let table = include_str!("../../../tests/fixtures/ajv-pairs.json");
    let rows: Vec<Row> = serde_json::from_str(table).unwrap();
    let mut wrong = rows.iter().flat_map(check).collect::<Vec<_>>();
    let count = wrong.len();
    wrong.truncate(20);
    assert!(count == 0, "{count} differ:\n{}", wrong.join("\n"));
}

fn check(row: &Row) -> Vec<String> {
    let schema = json!({ "type": "object", "properties": { "v": row.schema } });
    match (compile(&schema), row.refused) {
        (Err(_), true) => Vec::new(),
        (Err(problem), false) => vec![format!("{}: refused: {problem}", row.schema)],
        (Ok(_), true) => vec![format!("{}: not refused", row.schema)],
        (Ok(compiled), false) => {
            let differs = |(value, expected): &(Value, Outcome)| {
                let mut got = json!({ "v": value });
                let error = compiled.validate(&mut got).err();
                let error = error.map(|failures| messages::error("body", &failures).to_string());
                let same = error == expected.error
                    && (error.is_some() || js::equal(&got["v"], &expected.value));
                (!same).then(|| {
                    let Outcome { value: wanted, error: words } = expected;
                    format!("{} on {value}:\n  {got} {error:?}\n  {wanted} {words:?}", row.schema)
                })
            };
            row.pairs.iter().filter_map(differs).collect()
        }
    }
}

#[test]
fn a_schema_that_wraps_a_value_for_ever_refuses_it() {
    let schema = json!({
        "$ref": "#/definitions/list",
        "definitions": { "list": { "type": "array", "items": { "$ref": "#/definitions/list" } } },
    });
    let compiled = compile(&schema).unwrap();
    let failures = compiled.validate(&mut json!("x")).unwrap_err();
    let text = messages::error("body", &failures).to_string();
    assert!(text.ends_with("is too deep or too complex to be checked"), "{text}");
}

#[test]
fn what_is_too_complex_is_refused_also_within_not() {
    let branch =
        json!({ "type": "array", "items": { "$ref": "#/definitions/tree" }, "minItems": 2 });
    let schema = json!({
        "not": { "$ref": "#/definitions/tree" },
        "definitions": { "tree": { "anyOf": [branch, branch] } },
    });
    let compiled = compile(&schema).unwrap();
    let deep = (0..60).fold(json!([]), |inner, _| json!([inner, 1]));
    assert!(compiled.validate(&mut deep.clone()).is_err());
}

/// Takes twice as long with each `a`, and looks for what is forbidden afterwards.
const EXPLODING: &str = "^(?:a|a)*(?!b|$)b?$|<script>$";

fn exhausting(rest: &str) -> String {
    "a".repeat(40) + rest
}

#[test]
fn a_pattern_that_gives_up_refuses_the_value_whatever_it_is_within() {
    let text = json!({ "pattern": EXPLODING });
    let name = json!({ "patternProperties": { EXPLODING: false } });
    for (schema, value) in [
        (text.clone(), json!(exhausting(""))),
        (json!({ "not": text }), json!(exhausting("<script>"))),
        (json!({ "not": { "not": text } }), json!(exhausting(""))),
        (json!({ "if": text, "then": false }), json!(exhausting(""))),
        (json!({ "oneOf": [text, true] }), json!(exhausting(""))),
        (json!({ "anyOf": [text, { "type": "string" }] }), json!(exhausting(""))),
        (json!({ "items": { "not": text } }), json!(["b", exhausting("")])),
        (json!({ "not": { "contains": text } }), json!([exhausting("")])),
        (json!({ "not": { "propertyNames": text } }), json!({ exhausting(""): 1 })),
        (name.clone(), json!({ exhausting("<script>"): 1 })),
        (json!({ "not": name }), json!({ exhausting(""): 1 })),
        (
            json!({ "not": { "$ref": "#/definitions/x" },
                "definitions": { "x": { "allOf": [{ "$ref": "#/definitions/y" }] }, "y": text } }),
            json!(exhausting("")),
        ),
        (
            json!({ "patternProperties": { EXPLODING: {} }, "additionalProperties": false }),
            json!({ exhausting(""): 1 }),
        ),
        (
            json!({ "patternProperties": { EXPLODING: {} }, "additionalProperties": { "not": {} } }),
            json!({ exhausting(""): 1 }),
        ),
    ] {
        let compiled = compile(&schema).unwrap();
        let Err(failures) = compiled.validate(&mut value.clone()) else {
            panic!("{schema} let it pass")
        };
        let why = messages::error("body", &failures).to_string();
        assert!(why.ends_with("is too deep or too complex to be checked"), "{schema}: {why}");
    }
}
