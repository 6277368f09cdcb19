use std::collections::HashSet;

use proptest::prelude::*;
use serde_json::json;

use super::*;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn an_object_is_read_if_its_names_differ(
        names in proptest::collection::vec("[a-d]", 0..5),
        depth in 0..100_usize,
    ) {
        let members = names.iter().map(|name| format!("\"{name}\":1")).collect::<Vec<_>>();
        let object = format!("{{{}}}", members.join(","));
        let text = format!("{}{object}{}", "{\"x\":".repeat(depth), "}".repeat(depth));
        let differ = names.iter().collect::<HashSet<_>>().len() == names.len();
        prop_assert_eq!(json_object(text.as_bytes()).is_ok(), differ);
    }

    /// With another reader of the same text: the same value or none, and none only where a member
    /// is named twice.
    #[test]
    fn what_is_read_is_what_serde_json_reads(text in any_text()) {
        let other = serde_json::from_str::<Value>(&text);
        match (json_object(text.as_bytes()), other) {
            (Ok(object), Ok(other)) => prop_assert_eq!(Value::Object(object), other),
            (Err(JsonFault::Syntax), other) => prop_assert!(other.is_err(), "{}", text),
            (Err(JsonFault::NotAnObject), other) => prop_assert!(!other.unwrap().is_object()),
            (Err(JsonFault::Duplicate), _) => {}
            (Ok(_), Err(error)) => prop_assert!(false, "{}: {}", error, text),
        }
    }
}

/// Texts that are JSON, or nearly.
fn any_text() -> impl Strategy<Value = String> {
    let pieces = proptest::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"a\"",
        "\"b\"",
        "\"\\u0061\"",
        "\"\\ud83d\\ude80\"",
        "\"\\ud800\"",
        "\"é\"",
        "\"",
        "\\",
        "1",
        "-0",
        "1.5e3",
        "01",
        "1.",
        "-",
        "1e400",
        "true",
        "false",
        "null",
        "nul",
        " ",
        "\n",
        "\u{b}",
        "{\"a\":",
        "\"a\":1",
        ",\"c\":[",
        "18446744073709551616",
    ]);
    proptest::collection::vec(pieces, 0..12).prop_map(|pieces| {
        let text = pieces.concat();
        if text.starts_with('{') { text } else { format!("{{\"x\":{text}}}") }
    })
}

#[test]
fn an_object_is_parsed_whole() {
    let object = json_object(br#" {"a": [1, {"b": null}], "c": {"b": "\u00e9"}} "#).unwrap();
    assert_eq!(object["c"]["b"], "é");
    assert_eq!(object["a"][0], 1);
}

#[test]
fn a_member_named_twice_is_refused_at_any_depth_and_in_any_spelling() {
    for text in [
        r#"{"aud":"a","aud":"b"}"#,
        r#"{"aud":"a","\u0061ud":"b"}"#,
        r#"{"a":{"b":1,"c":2,"b":1}}"#,
        r#"{"a":[[{"b":1,"b":1}]]}"#,
        r#"{"":1,"":1}"#,
    ] {
        assert_eq!(json_object(text.as_bytes()), Err(JsonFault::Duplicate), "{text}");
    }
    assert!(json_object(br#"{"a":{"b":1},"b":{"b":1}}"#).is_ok());
}

#[test]
fn what_is_no_object_is_refused() {
    for text in ["[]", "[{}]", "null", "1", "\"{}\"", "true"] {
        assert_eq!(json_object(text.as_bytes()), Err(JsonFault::NotAnObject), "{text}");
    }
}

#[test]
fn broken_json_is_refused() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
    for text in [
        "",
        "{",
        "{}x",
        "{} {}",
        "{\"a\":1e400}",
        r#"{"a":"\ud800"}"#,
        "{'a':1}",
        "\u{feff}{}",
        "{\"a\":1,}",
        &deep,
    ] {
        assert_eq!(json_object(text.as_bytes()), Err(JsonFault::Syntax), "{text}");
    }
    assert_eq!(json_object(b"{\"a\":\"\xff\"}"), Err(JsonFault::Syntax));
}

/// serde_json reads these members as what stands within their text, where a feature is on.
#[test]
fn a_members_name_has_no_meaning() {
    for name in ["$serde_json::private::RawValue", "$serde_json::private::Number"] {
        let text = json!({ name: "1", "x": { name: "{\"a\":1}" } }).to_string();
        let object = json_object(text.as_bytes()).unwrap();
        assert_eq!((&object[name], &object["x"][name]), (&json!("1"), &json!("{\"a\":1}")));
    }
}

#[test]
fn nesting_ends_where_serde_jsons_does() {
    let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    for depth in [1, 125, 126, 127, 128, 100_000] {
        let other = serde_json::from_str::<Value>(&nested(depth));
        assert_eq!(json_object(nested(depth).as_bytes()).is_ok(), other.is_ok(), "{depth}");
    }
}

#[test]
fn the_items_of_a_list_are_texts_and_their_faults_are_their_own() {
    let items = |text: &'static str| json_items(text.as_bytes(), "keys");
    assert_eq!(
        items(r#" {"keys": [ 1 ,{"a":1,"a":2} ,[]], "x":{"b":1,"b":1}} "#).unwrap(),
        ["1", r#"{"a":1,"a":2}"#, "[]"]
    );
    assert_eq!(items(r#"{"k\u0065ys":[]}"#).unwrap(), [""; 0]);
    assert_eq!(items(r#"{"keys":[],"keys":[]}"#), Err(JsonFault::Duplicate));
    assert_eq!(items(r#"[{"keys":[]}]"#), Err(JsonFault::NotAnObject));
    for text in ["{}", "", r#"{"keys":{}}"#, r#"{"keys":[1}"#, r#"{"keys":[]}x"#, r#"{"keys":[,]}"#]
    {
        assert!(items(text).is_err(), "{text}");
    }
}
