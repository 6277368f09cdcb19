//! What runs a pattern, and for how long.
//!
//! A pattern without look-around and back references takes a time in proportion to the text, by an
//! automaton. Others go back, and a text can be made for which they do so for years. For these:
//!
//! - a text of more than [`LONGEST`] bytes is given up on;
//! - so is one that makes the pattern go back [`LIMIT`] times;
//! - texts that make it go back [`QUICK`] times are paid for from a [`Patience`], which all texts of
//!   one request share: a body may hold thousands of them.

use std::sync::Arc;

use super::{GaveUp, dialect};

/// Bytes of a text that a pattern with look-around or back references is tried on.
const LONGEST: usize = 4 * 1024;

/// How often such a pattern may go back.
const LIMIT: usize = 100_000;

/// How often it may go back in a text that costs nothing.
const QUICK: usize = 1_000;

/// A compiled pattern.
#[derive(Clone, Debug)]
pub(in crate::http) struct Regex(Arc<Engine>);

#[derive(Debug)]
enum Engine {
    Linear(regex::Regex),
    /// Twice the same, but for their limits: they are set when a pattern is compiled.
    Backtracking {
        quick: fancy_regex::Regex,
        thorough: fancy_regex::Regex,
    },
}

/// How many bytes of difficult texts may still be looked at.
#[derive(Debug)]
pub(in crate::http) struct Patience(usize);

impl Default for Patience {
    fn default() -> Self {
        Self(2 * LONGEST)
    }
}

impl Patience {
    /// For a difficult text of `length` bytes.
    fn spend(&mut self, length: usize) -> Result<(), GaveUp> {
        self.0 = self.0.checked_sub(length + 1).ok_or(GaveUp)?;
        Ok(())
    }
}

/// What the groups of a pattern took.
#[derive(Debug)]
pub(in crate::http) enum Captures<'t> {
    Linear(regex::Captures<'t>),
    Backtracking(fancy_regex::Captures<'t, str>),
}

impl<'t> Captures<'t> {
    pub(in crate::http) fn name(&self, name: &str) -> Option<&'t str> {
        match self {
            Self::Linear(captures) => captures.name(name).map(|found| found.as_str()),
            Self::Backtracking(captures) => captures.name(name).map(|found| found.as_str()),
        }
    }
}

impl Regex {
    /// Compiles a pattern in Rust's syntax.
    pub(super) fn compile(pattern: &str) -> Result<Self, String> {
        if dialect::is_common(pattern)
            && let Ok(regex) = regex::Regex::new(pattern)
        {
            return Ok(Self(Arc::new(Engine::Linear(regex))));
        }
        let compile = |limit| {
            let mut builder = fancy_regex::RegexBuilder::new(pattern);
            // Its optimizer has `(b+?)*c` take less than it should.
            builder
                .backtrack_limit(limit)
                .optimize(false)
                .build()
                .map_err(|error| error.to_string())
        };
        let (quick, thorough) = (compile(QUICK)?, compile(LIMIT)?);
        Ok(Self(Arc::new(Engine::Backtracking { quick, thorough })))
    }

    /// Whether there is a match.
    pub(in crate::http) fn is_match(
        &self,
        text: &str,
        patience: &mut Patience,
    ) -> Result<bool, GaveUp> {
        match &*self.0 {
            Engine::Linear(regex) => Ok(regex.is_match(text)),
            Engine::Backtracking { quick, thorough } => {
                within_limits(text, patience, [quick, thorough], |regex| regex.is_match(text))
            }
        }
    }

    /// What the first match takes.
    pub(in crate::http) fn captures<'t>(
        &self,
        text: &'t str,
    ) -> Result<Option<Captures<'t>>, GaveUp> {
        match &*self.0 {
            Engine::Linear(regex) => Ok(regex.captures(text).map(Captures::Linear)),
            Engine::Backtracking { quick, thorough } => {
                let mut patience = Patience::default();
                let engines = [quick, thorough];
                let found =
                    within_limits(text, &mut patience, engines, |regex| regex.captures(text))?;
                Ok(found.map(Captures::Backtracking))
            }
        }
    }
}

fn within_limits<T>(
    text: &str,
    patience: &mut Patience,
    [quick, thorough]: [&fancy_regex::Regex; 2],
    run: impl Fn(&fancy_regex::Regex) -> fancy_regex::Result<T>,
) -> Result<T, GaveUp> {
    if text.len() > LONGEST {
        return Err(GaveUp);
    }
    run(quick).or_else(|_| {
        patience.spend(text.len())?;
        run(thorough).map_err(|_| GaveUp)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_match(pattern: &str, text: &str) -> Result<bool, GaveUp> {
        Regex::compile(pattern).unwrap().is_match(text, &mut Patience::default())
    }

    #[test]
    fn a_pattern_that_needs_no_looking_around_has_no_limit() {
        let long = "a".repeat(1 << 16);
        for pattern in ["(a+)+$", "^(?:a|a)*$", "(?:a?){50}a{50}", "^(?P<x>.*?)(?<y>.*)$"] {
            assert_eq!(is_match(pattern, &long), Ok(true), "{pattern}");
        }
        assert_eq!(is_match("^(?:a|a)*b$", &long), Ok(false));
    }

    #[test]
    fn a_pattern_that_looks_around_is_tried_on_a_short_text_only() {
        let password = r"(?=.*[A-Z])(?=.*\d).{8,}";
        assert_eq!(is_match(password, "Password1"), Ok(true));
        assert_eq!(is_match(password, "password1"), Ok(false));
        assert_eq!(is_match(password, &"a".repeat(LONGEST)), Ok(false));
        assert_eq!(is_match(password, &"a".repeat(LONGEST + 1)), Err(GaveUp));
        let captures = Regex::compile("(?=a)(?P<x>a+)").unwrap();
        assert_eq!(captures.captures("ba").unwrap().unwrap().name("x"), Some("a"));
        assert!(captures.captures(&"a".repeat(LONGEST + 1)).is_err());
    }

    #[test]
    fn a_repetition_is_as_long_as_it_has_to_be() {
        assert_eq!(is_match("^(b+?)*[^a]$(?<=c)", "bbc"), Ok(true));
        assert_eq!(is_match("(?=b)(b+?)*[^a]$", "bbc"), Ok(true));
        assert_eq!(is_match("^(?=b)(b+?)*[^a]$", "bbbbc"), Ok(true));
    }

    #[test]
    fn many_difficult_texts_are_given_up_on_together() {
        let regex = Regex::compile("^(?:a|a)*(?!b|$)b?$").unwrap();
        let (text, mut patience) = ("a".repeat(12), Patience::default());
        let results: Vec<_> =
            (0..2 * LONGEST).map(|_| regex.is_match(&text, &mut patience)).collect();
        let difficult = results.iter().take_while(|result| **result == Ok(false)).count();
        assert!((100..1000).contains(&difficult), "{difficult}");
        assert!(results[difficult..].iter().all(|result| *result == Err(GaveUp)));
        assert_eq!(regex.is_match("aab", &mut patience), Ok(false), "an easy one is free");
    }

    /// The automaton and the other engine agree about all that both of them run.
    #[test]
    fn both_engines_find_the_same() {
        let first = [
            "a",
            "[ab]",
            "[^a]",
            "(?:ab)",
            "(a|b)",
            "(|a)",
            "é",
            r"\.",
            r"[\]\-a-c]",
            r"\bb",
            "^a",
            r"\p{L}",
            "[^\\n\\r\\x{2028}\\x{2029}]",
            r"\x{61}",
            "(?P<n>b+?)",
        ];
        let then = ["b", "[^a]", "(b|)", "b$", r"\n", "(?<m>[ab]*?)$"];
        let ends = ["", "*", "+", "??", "{1,2}", "{1,}?"];
        let texts = [
            "",
            "a",
            "b",
            "ab",
            "ba",
            "aab",
            "abab",
            "é",
            "aé",
            "éb",
            ".b",
            "]b",
            "-",
            "a\nb",
            "a b",
            "aabb\u{2028}b",
        ];
        let ranges = |found: &mut dyn Iterator<Item = Option<std::ops::Range<usize>>>| {
            found.collect::<Vec<_>>()
        };
        let mut compared = 0;
        let mut patterns = Vec::new();
        for (first, end) in first.iter().flat_map(|first| ends.map(|end| (first, end))) {
            patterns.extend(then.map(|then| format!("{first}{end}{then}")));
        }
        for pattern in patterns {
            assert!(dialect::is_common(&pattern), "{pattern}");
            let linear = regex::Regex::new(&pattern).unwrap();
            let fancy = fancy_regex::RegexBuilder::new(&pattern).optimize(false).build().unwrap();
            for text in texts {
                let ours = linear
                    .captures(text)
                    .map(|found| ranges(&mut found.iter().map(|one| one.map(|one| one.range()))));
                let theirs = fancy
                    .captures(text)
                    .unwrap()
                    .map(|found| ranges(&mut found.iter().map(|one| one.map(|one| one.range()))));
                assert_eq!(ours, theirs, "{pattern} on {text:?}");
                compared += 1;
            }
        }
        assert!(compared > 5_000, "{compared}");
    }
}
