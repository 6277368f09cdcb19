//! Payloads against a table that was recorded with fast-json-stringify 6.4.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{super::js, compile::compile};

#[derive(Deserialize)]
struct Row {
    schema: Value,
    refused: Option<String>,
    #[serde(default)]
    pairs: Vec<(Value, Outcome)>,
}

#[derive(Deserialize)]
struct Outcome {
    value: Value,
    error: Option<String>,
}

#[test]
fn every_recorded_payload_is_written_as_fast_json_stringify_writes_it() {
    let table = include_str!("../../../../tests/fixtures/fjs-pairs.json");
    let rows: Vec<Row> = serde_json::from_str(table).unwrap();
    let mut wrong = rows.iter().flat_map(check).collect::<Vec<_>>();
    let count = wrong.len();
    wrong.truncate(12);
    assert!(count == 0, "{count} differ:\n{}", wrong.join("\n"));
}

#[test]
fn a_name_that_a_pattern_gives_up_on_ends_the_reply() {
    let schema = json!({
        "type": "object",
        "patternProperties": { "(?<!my)secret": { "type": "integer" } },
        "additionalProperties": true,
    });
    let serializer = compile(&schema).unwrap();
    let written = |name: String| serializer.to_vec(&json!({ name: "x" }));
    assert!(written("mysecret".into()).is_ok());
    assert!(written("secret".into()).unwrap_err().contains("cannot be converted to an integer"));
    let error = written("a".repeat(5_000) + "secret").unwrap_err();
    assert_eq!(error, "A name is too complex to be checked.");
}

#[test]
fn a_branch_whose_pattern_may_give_up_is_refused() {
    let branch = |pattern| json!({ "anyOf": [{ "type": "string", "pattern": pattern }] });
    assert!(compile(&branch("^a+$")).is_ok());
    assert!(compile(&branch("(?<!b)a")).is_err());
}

fn check(row: &Row) -> Vec<String> {
    match (compile(&row.schema), &row.refused) {
        (Err(_), Some(_)) => Vec::new(),
        (Err(problem), None) => vec![format!("{}: refused: {problem}", row.schema)],
        (Ok(_), Some(problem)) => vec![format!("{}: not refused: {problem}", row.schema)],
        (Ok(serializer), None) => {
            let differs = |(payload, expected): &(Value, Outcome)| {
                let got = serializer.to_vec(payload);
                let same = match (&got, &expected.error) {
                    (Ok(json), None) => {
                        js::equal(&serde_json::from_slice(json).unwrap(), &expected.value)
                    }
                    // Places in merged schemas have names of their own there.
                    (Err(got), Some(error)) if error.contains("__fjs_merged") => {
                        got.ends_with("does not match schema definition.")
                    }
                    (Err(got), Some(error)) => got == error,
                    _ => false,
                };
                let got = got.map(|json| String::from_utf8(json).unwrap());
                let Outcome { value, error } = expected;
                let line =
                    || format!("{} on {payload}:\n  {got:?}\n  {value} {error:?}", row.schema);
                (!same).then(line)
            };
            row.pairs.iter().filter_map(differs).collect()
        }
    }
}
