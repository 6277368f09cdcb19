//! The seeds of the fuzz targets, replayed through the same entries. What a fuzzer finds is added
//! to them: see `fuzz/README.md`. And new inputs in each run, more of them with `PROPTEST_CASES`.

#![expect(clippy::unwrap_used, reason = "a corpus that cannot be read fails")]

#[path = "fuzzed/packets.rs"]
mod packets;
#[path = "fuzzed/request.rs"]
mod request;
#[path = "fuzzed/route_file.rs"]
mod route_file;
#[path = "fuzzed/url.rs"]
mod url;

use std::{fs, path::Path};

use proptest::{collection::vec, prelude::*, sample::select, test_runner::TestRunner};

fn replay(target: &str, run: impl Fn(&[u8])) {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(target);
    let files = fs::read_dir(seeds).unwrap().map(|file| file.unwrap().path());
    let files = files.collect::<Vec<_>>();
    assert!(files.len() > 20, "the corpus of {target} is gone");
    for file in files {
        println!("{}", file.display()); // of one that panics, this is the last
        run(&fs::read(file).unwrap());
    }
}

#[test]
fn route_files_of_the_corpus_register_or_are_refused_by_name() {
    replay("route_file", route_file::run);
}

#[test]
fn patterns_of_the_corpus_lead_paths_that_are_built_from_them_somewhere() {
    replay("url", url::run);
}

#[test]
fn requests_of_the_corpus_are_no_internal_errors() {
    replay("request", request::run);
}

#[test]
fn packets_of_the_corpus_read_alike_in_pieces_of_any_size() {
    replay("packets", packets::run);
}

fn check<S: Strategy>(cases: &S, holds: impl Fn(S::Value)) {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let holds = |case| {
        holds(case);
        Ok(())
    };
    TestRunner::new(config).run(cases, holds).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn any_pattern_that_is_accepted_leads_a_path_that_is_built_from_it_somewhere() {
    let piece = select(vec![
        "/", "/", "/:a", "/:b", ":c", "-:d", ".:e", "-", ".", "a", "ab", "é", "::", "?", "*", "/*",
        "~:f", "x", "(^\\d+$)", "//", ":", "%",
    ]);
    let pattern = vec(piece, 0..7).prop_map(|pieces| format!("/{}", pieces.concat()));
    check(&vec(pattern, 1..4), |patterns| {
        let paths = "/a/b\n/a-b.c/d\n//\n/%2F/é";
        url::run(format!("{}\n\n{paths}", patterns.join("\n")).as_bytes());
    });
}

#[test]
fn any_route_file_registers_or_is_refused_by_name() {
    let name = select(vec![
        "method",
        "url",
        "handler",
        "onRequest",
        "preHandler",
        "onSend",
        "schema",
        "bodyLimit",
        "accepts",
        "constraints",
        "config",
        "exposeHeadRoute",
        "attachValidation",
        "logLevel",
    ]);
    let value = select(vec![
        "\"GET\"",
        "[\"POST\"]",
        "\"/a/:x\"",
        "\"/a?\"",
        "\"a\"",
        "\"h\"",
        "\"nope\"",
        "[\"h\",\"h\"]",
        "null",
        "1",
        "-1",
        "true",
        "{}",
        "{\"body\":{\"type\":\"object\"}}",
        "{\"body\":{\"$ref\":\"#\"}}",
        "{\"body\":{\"$ref\":\"#/x\"}}",
        "{\"body\":{\"type\":5}}",
        "{\"body\":{\"pattern\":\"(\"}}",
        "{\"host\":\"a\"}",
        "{\"version\":\"1.x\"}",
        "{\"cors\":false}",
        "[\"image/*\"]",
    ]);
    let good = r#"{"method":"POST","url":"/s","handler":"a""#;
    let member = (name, value).prop_map(|(name, value)| format!(",\"{name}\":{value}"));
    let route = vec(member, 0..4).prop_map(move |more| format!("{good}{}}}", more.concat()));
    check(&vec(route, 0..3), |routes| {
        let file = format!("[{}]", routes.join(","));
        route_file::run(format!("{file}\0POST /s {{\"x\":1}}").as_bytes());
    });
}
