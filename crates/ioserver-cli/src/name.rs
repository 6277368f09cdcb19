//! What an app may be called.

use crate::Result;

/// Words of the language, and what Cargo, Windows and the app's own crates already mean by a name.
const TAKEN: &[&str] = &[
    "abstract",
    "alloc",
    "as",
    "async",
    "aux",
    "await",
    "become",
    "box",
    "break",
    "build",
    "con",
    "const",
    "continue",
    "core",
    "crate",
    "deps",
    "do",
    "dyn",
    "else",
    "enum",
    "examples",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "incremental",
    "ioserver",
    "ioserver-macros",
    "ioserver-oidc",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "nul",
    "override",
    "priv",
    "prn",
    "proc-macro",
    "pub",
    "ref",
    "return",
    "self",
    "serde",
    "serde-json",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "tokio",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

/// The longest name that crates.io takes.
const LONGEST: usize = 64;

/// Refuses names that Cargo refuses, and those that it would warn about.
pub(crate) fn check(name: &str) -> Result<()> {
    let refuse = |why: &str| {
        let what = "give it another by `--name`: small letters, digits and `-`, such as `my-app`";
        Err(format!("an app cannot be called `{}`: {why}; {what}", name.escape_debug()))
    };
    if name.is_empty() || name.len() > LONGEST {
        return refuse("a name has 1 to 64 characters");
    }
    if let Some(odd) = name.chars().find(|letter| !is_plain(*letter)) {
        return refuse(&format!("it has `{}` in it", odd.escape_debug()));
    }
    if !name.starts_with(|letter: char| letter.is_ascii_lowercase()) {
        return refuse("it does not begin with a letter");
    }
    if name.split(['-', '_']).any(str::is_empty) {
        return refuse("`-` and `_` stand between letters");
    }
    let name = name.replace('_', "-");
    if TAKEN.contains(&name.as_str()) || is_port(&name) {
        return refuse("that already means something to Rust, to Cargo or to the app");
    }
    Ok(())
}

fn is_plain(letter: char) -> bool {
    letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '-' | '_')
}

/// `com1` and `lpt1` are devices on Windows.
fn is_port(name: &str) -> bool {
    let number = name.strip_prefix("com").or_else(|| name.strip_prefix("lpt"));
    number.is_some_and(|number| number.len() == 1 && number != "0" && number.parse::<u8>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_cargo_takes_without_a_warning_are_taken() {
        for name in ["my-app", "a", "app", "chat_2", "com", "com10", "x-1-y", &"a".repeat(64)] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn other_names_are_refused_with_the_reason_and_what_to_do() {
        for (name, why) in [
            ("", "1 to 64"),
            (&*"a".repeat(65), "1 to 64"),
            ("My-app", "`M`"),
            ("my app", "` `"),
            ("café", "`é`"),
            ("a\"\n[x]", "`\\\"`"),
            ("../x", "`.`"),
            ("2chat", "begin with a letter"),
            ("-app", "begin with a letter"),
            ("my--app", "between letters"),
            ("app_", "between letters"),
            ("async", "already means"),
            ("test", "already means"),
            ("serde_json", "already means"),
            ("ioserver", "already means"),
            ("com1", "already means"),
        ] {
            let error = check(name).unwrap_err();
            assert!(error.contains(why) && error.contains("--name"), "{name}: {error}");
        }
    }
}
