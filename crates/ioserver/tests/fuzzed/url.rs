//! URL patterns, a line each, and after a blank line the paths that are looked up. A pattern without
//! regular expressions that is accepted leads a path that is built from it somewhere.

use ioserver::__private::route_matcher;

pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (patterns, paths) = text.split_once("\n\n").unwrap_or((text, ""));
    let patterns = patterns.lines().map(str::to_owned).collect::<Vec<_>>();
    let good = patterns.iter().filter(|pattern| accepted(pattern)).cloned().collect::<Vec<_>>();
    for pattern in &good {
        if let Some(path) = built(pattern) {
            let find = route_matcher(std::slice::from_ref(pattern)).expect("it was accepted");
            assert!(find(&path), "{pattern:?} does not lead {path:?} anywhere");
        }
    }
    // Together they may clash, which is an error and no more.
    if let Ok(find) = route_matcher(&good) {
        for path in paths.lines() {
            let _ = find(path);
        }
    }
}

fn accepted(pattern: &str) -> bool {
    match route_matcher(&[pattern.to_owned()]) {
        Ok(_) => true,
        Err(problem) => {
            assert!(!problem.is_empty());
            false
        }
    }
}

/// A path of the pattern: `x` for each parameter and for the wildcard.
fn built(pattern: &str) -> Option<String> {
    if pattern.contains(['(', '%', '\u{fffd}']) {
        return None; // a regular expression, or an escape that a path spells otherwise
    }
    let mut path = String::new();
    // One slash at the end plays no part, on either side.
    let (bare, slash) = pattern.strip_suffix('/').map_or((pattern, ""), |bare| (bare, "/"));
    let mut rest = bare.strip_suffix('?').unwrap_or(bare);
    let mut is_behind_param = false; // where `*` is a letter like others, as in find-my-way
    while let Some(index) = rest.find([':', '*']) {
        path += &rest[..index];
        is_behind_param &= !rest[..index].contains('/');
        rest = &rest[index..];
        if let Some(literal) = rest.strip_prefix("::") {
            path.push(':');
            rest = literal;
        } else if let Some(after) = rest.strip_prefix('*') {
            path.push(if is_behind_param { '*' } else { 'x' });
            rest = after;
        } else {
            path.push('x');
            is_behind_param = true;
            rest = &rest[rest.find(['-', '.', '/']).unwrap_or(rest.len())..];
        }
    }
    Some(path + rest + slash)
}
