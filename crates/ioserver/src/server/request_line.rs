//! A `#` in a request's query, which HTTP does not allow, Node passes on and hyper cuts off with
//! all that follows.

use tokio::io::ReadBuf;

/// Escapes `#` in the query of the request line that the bytes after `before` begin with.
///
/// Only whole lines are looked at: bytes that begin anywhere else are left as they are.
pub(super) fn keep_fragment(buffer: &mut ReadBuf<'_>, before: usize) {
    let bytes = &buffer.filled()[before..];
    let hash_or_end = memchr::memchr2(b'#', b'\n', bytes);
    if hash_or_end.is_none_or(|position| bytes[position] == b'\n') {
        return; // as nearly every line
    }
    let Some(end) = memchr::memchr(b'\n', bytes) else { return };
    let (line, rest) = bytes.split_at(end);
    let Some(escaped) = escape(line) else { return };
    let rest = rest.to_vec();
    if before + escaped.len() + rest.len() <= buffer.capacity() {
        buffer.set_filled(before);
        buffer.put_slice(&escaped);
        buffer.put_slice(&rest);
    }
}

fn escape(line: &[u8]) -> Option<Vec<u8>> {
    let line = std::str::from_utf8(line).ok()?;
    let (method, rest) = line.split_once(' ')?;
    let (target, version) = rest.split_once(' ')?;
    let (path, query) = target.split_once('?')?;
    let is_line = path.starts_with('/') && matches!(version.trim_end(), "HTTP/1.1" | "HTTP/1.0");
    (is_line && !path.contains('#'))
        .then(|| format!("{method} {path}?{} {version}", query.replace('#', "%23")).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &str, expected: &str) {
        let mut space = [0; 64];
        let mut buffer = ReadBuf::new(&mut space);
        buffer.put_slice(b"before");
        buffer.put_slice(bytes.as_bytes());
        keep_fragment(&mut buffer, 6);
        assert_eq!(buffer.filled(), format!("before{expected}").as_bytes());
    }

    #[test]
    fn a_hash_in_a_query_is_part_of_it_and_bytes_elsewhere_are_left_alone() {
        check("GET /p?a=1#b#c HTTP/1.1\r\nX: #\r\n", "GET /p?a=1%23b%23c HTTP/1.1\r\nX: #\r\n");
        for same in [
            "GET /p#a?b HTTP/1.1\r\n",
            "GET /p?a#b HTTP/1.1",
            "X-Link: /p?a#b HTTP/3\r\n",
            "GET /p?a HTTP/1.1\r\nX: #\r\n",
        ] {
            check(same, same);
        }
    }

    #[test]
    fn a_line_that_would_not_fit_is_left_alone() {
        let long = format!("GET /p?{} HTTP/1.1\r\n", "#".repeat(30));
        check(&long, &long);
    }
}
