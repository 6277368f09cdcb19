//! The seeds of the fuzz targets, replayed through the same entries. What a fuzzer finds is added
//! to them: see `fuzz/README.md`.

#![expect(clippy::unwrap_used, reason = "a corpus that cannot be read fails")]

#[path = "fuzzed/key_set.rs"]
mod key_set;
#[path = "fuzzed/token.rs"]
mod token;

use std::{fs, path::Path};

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
fn tokens_of_the_corpus_break_no_rule() {
    replay("token", token::run);
}

#[test]
fn key_sets_of_the_corpus_accept_no_forged_signature() {
    replay("key_set", key_set::run);
}
