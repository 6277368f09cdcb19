//! Texts against a table that was recorded with ajv-formats 3.0.

use super::Format;

#[test]
fn every_recorded_text_has_the_format_that_ajv_formats_sees() {
    let table = include_str!("../../../../tests/fixtures/formats.json");
    let rows: Vec<(String, String, bool)> = serde_json::from_str(table).unwrap();
    let wrong = |(format, text, expected): &&(String, String, bool)| match Format::of(format) {
        Some(Format::Text(fits)) => fits(text) != *expected,
        _ => true,
    };
    let wrong = rows.iter().filter(wrong).collect::<Vec<_>>();
    assert!(
        wrong.is_empty(),
        "{} of {} differ: {:#?}",
        wrong.len(),
        rows.len(),
        &wrong[..wrong.len().min(30)]
    );
}
