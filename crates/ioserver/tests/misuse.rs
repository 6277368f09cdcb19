//! What must not compile, with the compiler's words.

#[test]
fn misuse_does_not_compile_and_the_compiler_says_what_to_write() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
