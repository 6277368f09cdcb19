//! Which patterns the automaton reads as the engine that goes back does.

use std::{iter::Peekable, str::Chars};

/// Whether a pattern in Rust's syntax uses nothing but what both engines have and read alike. One
/// that does not is left to the engine that goes back.
pub(super) fn is_common(pattern: &str) -> bool {
    let mut chars = pattern.chars().peekable();
    let (mut in_class, mut before) = (false, Before::Start);
    while let Some(c) = chars.next() {
        let now = match c {
            '\\' => match chars.next() {
                Some(c) if is_escape(c, &mut chars) => Before::Atom,
                _ => return false,
            },
            ']' if in_class => {
                in_class = false;
                Before::Atom
            }
            _ if in_class => Before::Atom,
            '[' => {
                in_class = true;
                Before::Atom
            }
            '(' if is_group(&mut chars) => Before::Start,
            '|' | '^' | '$' => Before::Start, // nothing that could be repeated
            '?' if before == Before::Quantifier => Before::Lazy,
            '*' | '+' | '?' if before == Before::Atom => Before::Quantifier,
            '{' if before == Before::Atom && is_count(&mut chars) => Before::Quantifier,
            '(' | '*' | '+' | '?' | '{' | '}' | ']' => return false,
            _ => Before::Atom,
        };
        before = now;
    }
    true
}

/// What stands before a letter of a pattern.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Before {
    Start,
    Atom,
    Quantifier,
    /// The `?` of `*?`. What follows is never another quantifier: `a*?+` and `a++` are read
    /// differently.
    Lazy,
}

fn is_escape(c: char, chars: &mut Peekable<Chars<'_>>) -> bool {
    match c {
        'b' => chars.peek() != Some(&'{'), // `\b{start}`
        'B' | 't' | 'n' | 'r' | 'f' | 'v' => true,
        'x' | 'p' | 'P' => skip_braces(chars),
        '<' | '>' => false, // ends of words
        other => other.is_ascii_punctuation(),
    }
}

fn skip_braces(chars: &mut Peekable<Chars<'_>>) -> bool {
    if chars.next_if_eq(&'{').is_some() {
        return chars.any(|c| c == '}');
    }
    true
}

/// Whether a parenthesis begins a group, with a name or without.
fn is_group(chars: &mut Peekable<Chars<'_>>) -> bool {
    match chars.peek() {
        Some('*') => return false,
        Some('?') => {}
        _ => return true,
    }
    chars.next();
    match chars.next() {
        Some(':') => true,
        Some('P') => chars.next_if_eq(&'<').is_some() && is_name(chars),
        Some('<') => is_name(chars),
        _ => false,
    }
}

fn is_name(chars: &mut Peekable<Chars<'_>>) -> bool {
    let mut name = chars.by_ref().take_while(|c| *c != '>').peekable();
    let is_start = name.peek().is_some_and(|c| c.is_ascii_alphabetic() || *c == '_');
    is_start && name.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether `{` begins `{2}`, `{2,}` or `{2,3}`; skips it.
fn is_count(chars: &mut Peekable<Chars<'_>>) -> bool {
    let count: String = chars.by_ref().take_while(|c| *c != '}').collect();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    match count.split_once(',') {
        None => is_number(&count),
        Some((least, most)) => is_number(least) && (most.is_empty() || is_number(most)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_both_engines_read_alike_is_common() {
        for common in [
            "",
            "^[a-z]+$",
            "^[0-9]{3,}?(?:a|b)*$",
            "(?P<p0>.*?)",
            "(?<year>[0-9]{4})",
            r"[^\]\\]",
            r"\p{Lu}\x{1f680}\.\-",
        ] {
            assert!(is_common(common), "{common}");
        }
        for other in [
            "(?=a)",
            "(?!a)",
            "(?<=a)",
            "(?<!a)",
            r"(a)\1",
            r"(?<a>b)\k<a>",
            "a++",
            "a*+",
            "a?+",
            "a{2}+",
            "a*?+",
            "a**",
            "(?>a)",
            "(?i)a",
            "(?#a)",
            "(*FAIL)",
            r"\Ga",
            r"a\K",
            r"\Z",
            r"\h",
            r"\<a",
            r"\b{start}a",
            "a{,2}",
            "a{",
            "a}",
            "^*",
            "(*a)",
            r"\",
            "*a",
            "(?P=a)",
        ] {
            assert!(!is_common(other), "{other}");
        }
    }
}
