//! Regular expressions of JavaScript, as route files have them, for a Rust engine.

mod dialect;
mod regex;

use std::iter::Peekable;

pub(super) use self::regex::{Patience, Regex};

/// Compiles a pattern as `new RegExp(pattern, "u")` would.
pub(super) fn compile(pattern: &str) -> Result<Regex, String> {
    let unusable = |error: String| format!("`{pattern}` is no regular expression: {error}");
    Regex::compile(&translate(pattern).map_err(unusable)?).map_err(unusable)
}

/// A pattern that was stopped before it knew. Neither "matches" nor "does not" may be read into it:
/// under a `not` either of them opens what the pattern guards.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct GaveUp;

/// Whether `regex` finds a match in a text that stands alone.
pub(super) fn is_match(regex: &Regex, text: &str) -> Result<bool, GaveUp> {
    regex.is_match(text, &mut Patience::default())
}

const BLANKS: &str =
    r"\x09-\x0d\x20\xa0\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}";

fn translate(pattern: &str) -> Result<String, String> {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut chars = pattern.chars().peekable();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => escape(&mut chars, in_class, &mut out)?,
            '[' if in_class => out += r"\[",
            '[' => in_class = open_class(&mut chars, &mut out),
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            // Rust has operators within classes, and free spacing nowhere.
            '&' | '~' | '-' if in_class && chars.peek() == Some(&c) => {
                out.push('\\');
                out.push(c);
            }
            '.' if !in_class => out += r"[^\n\r\x{2028}\x{2029}]",
            other => out.push(other),
        }
    }
    Ok(out)
}

/// `[]` never matches and `[^]` always does; any other class begins here.
fn open_class(chars: &mut Peekable<impl Iterator<Item = char> + Clone>, out: &mut String) -> bool {
    let mut ahead = chars.clone();
    let negated = ahead.next_if_eq(&'^').is_some();
    if ahead.next() == Some(']') {
        *out += if negated { r"[\s\S]" } else { r"[^\s\S]" };
        chars.next();
        if negated {
            chars.next();
        }
        return false;
    }
    out.push('[');
    true
}

fn escape(
    chars: &mut Peekable<impl Iterator<Item = char>>,
    in_class: bool,
    out: &mut String,
) -> Result<(), String> {
    let Some(c) = chars.next() else { return Err("it ends with a backslash".into()) };
    let mut class = |set: &str, negated: bool| match (in_class, negated) {
        (true, false) => *out += set,
        (_, true) => *out += &format!("[^{set}]"),
        (false, false) => *out += &format!("[{set}]"),
    };
    match c {
        'd' | 'D' => class("0-9", c == 'D'),
        'w' | 'W' => class("A-Za-z0-9_", c == 'W'),
        's' | 'S' => class(BLANKS, c == 'S'),
        'b' if in_class => *out += r"\x08",
        '0' => *out += r"\x00",
        'c' => match chars.next() {
            Some(letter) if letter.is_ascii_alphabetic() => {
                *out += &format!(r"\x{:02x}", letter as u32 % 32);
            }
            _ => return Err("`\\c` is followed by no letter".into()),
        },
        'u' => *out += &format!(r"\x{{{:x}}}", code_point(chars)?),
        '/' | '-' if !in_class => out.push(c),
        other => {
            out.push('\\');
            out.push(other);
        }
    }
    Ok(())
}

/// What follows `\u`: `{…}`, four digits, or two halves of four.
fn code_point(chars: &mut Peekable<impl Iterator<Item = char>>) -> Result<u32, String> {
    let bad = || "`\\u` is followed by no code point".to_owned();
    let parse = |digits: String| u32::from_str_radix(&digits, 16).map_err(|_| bad());
    if chars.next_if_eq(&'{').is_some() {
        return parse(chars.by_ref().take_while(|c| *c != '}').collect());
    }
    let high = parse(chars.by_ref().take(4).collect())?;
    if !(0xd800..0xdc00).contains(&high) {
        return Ok(high);
    }
    if chars.next() != Some('\\') || chars.next() != Some('u') {
        return Err("a surrogate stands alone".into());
    }
    let low = parse(chars.by_ref().take(4).collect())?;
    match low.checked_sub(0xdc00) {
        Some(low) if low < 0x400 => Ok(0x10000 + ((high - 0xd800) << 10) + low),
        _ => Err("a surrogate stands alone".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, matching: &[&str], other: &[&str]) {
        let regex = compile(pattern).unwrap();
        for text in matching {
            assert_eq!(is_match(&regex, text), Ok(true), "{pattern} on {text:?}");
        }
        for text in other {
            assert_eq!(is_match(&regex, text), Ok(false), "{pattern} on {text:?}");
        }
    }

    #[test]
    fn classes_are_those_of_javascript() {
        check(r"^\d+$", &["12"], &["١", "12\n"]);
        check(r"^[\w-]+$", &["a-b_1"], &["é"]);
        check(r"^\s$", &["\u{feff}", "\u{2028}"], &["\u{85}"]);
        check("^.$", &["é", "🚀"], &["\r", "\u{2029}"]);
        check(r"^[^\d]$", &["a"], &["1"]);
        check("^[[a&&b]$", &["[", "&", "a"], &["c"]);
        check("a[^]b", &["a\nb"], &["ab"]);
    }

    #[test]
    fn escapes_are_those_of_javascript() {
        check(r"^\u0041\u{1F680}\uD83D\uDE80$", &["A🚀🚀"], &["A"]);
        check(r"^\/a\-b\.$", &["/a-b."], &["/a-bc"]);
        check(r"^(?=a)(?!ab)(a).\1?$", &["ac"], &["ab"]);
        assert!(compile(r"a\").is_err());
        assert!(compile("(").is_err());
    }

    #[test]
    fn a_pattern_that_explodes_says_neither_yes_nor_no() {
        let regex = compile(r"^(?=(a+)+$)(a|a)*\1b$").unwrap();
        assert_eq!(is_match(&regex, &"a".repeat(32)), Err(GaveUp));
        assert!(regex.captures(&"a".repeat(32)).is_err());
    }
}
