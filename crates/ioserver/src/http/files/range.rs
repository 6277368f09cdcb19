//! The `Range` of a request, as @fastify/send reads it.

use http::HeaderValue;

/// What of a file is asked for.
#[derive(Debug, PartialEq)]
pub(super) enum Range {
    /// All of it: no range, several that do not touch, or another unit.
    Whole,
    /// From the first offset up to the second.
    Part(u64, u64),
    Unsatisfiable,
}

impl Range {
    pub(super) fn parse(value: Option<&HeaderValue>, length: u64) -> Self {
        let text = value.and_then(|value| value.to_str().ok());
        let Some(list) = text.and_then(|text| text.strip_prefix("bytes=")) else {
            return Self::Whole;
        };
        let mut parts: Vec<_> = list.split(',').filter_map(|one| bounds(one, length)).collect();
        parts.sort_unstable();
        let mut parts = parts.into_iter();
        let Some((start, mut end)) = parts.next() else { return Self::Unsatisfiable };
        for (next, next_end) in parts {
            if next > end {
                return Self::Whole;
            }
            end = end.max(next_end);
        }
        Self::Part(start, end)
    }
}

/// The offsets of one range, if it has any bytes. Digits are read as far as they go.
fn bounds(text: &str, length: u64) -> Option<(u64, u64)> {
    let (first, last) = text.split_once('-')?;
    let (first, last) = (number(first), number(last));
    let (start, end) = match (first, last) {
        (None, Some(suffix)) => (length.checked_sub(suffix)?, length),
        (Some(start), None) => (start, length),
        (Some(start), Some(last)) => (start, length.min(last.saturating_add(1))),
        (None, None) => return None,
    };
    (start < end).then_some((start, end))
}

fn number(text: &str) -> Option<u64> {
    let text = text.trim_start().trim_start_matches('+');
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    match &text[..end] {
        "" => None,
        digits => Some(digits.parse().unwrap_or(u64::MAX)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_touch_are_one_and_others_are_the_whole_file() {
        let parse = |text| Range::parse(Some(&HeaderValue::from_static(text)), 10);
        assert_eq!(parse("bytes=2-5"), Range::Part(2, 6));
        assert_eq!(parse("bytes=4-5,0-3"), Range::Part(0, 6));
        assert_eq!(parse("bytes=0-1,3-4"), Range::Whole);
        assert_eq!(parse("bytes=5-99999999999999999999"), Range::Part(5, 10));
        assert_eq!(parse("bytes=99999999999999999999-"), Range::Unsatisfiable);
        assert_eq!(parse("bytes=-11"), Range::Unsatisfiable);
        assert_eq!(parse("lines=1-2"), Range::Whole);
    }
}
