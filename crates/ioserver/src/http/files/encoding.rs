//! Which packed forms of a file a client takes.

use http::{HeaderMap, header};

/// The encodings of packed files and the ends of their names, the best first.
const KNOWN: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// The packed forms that a request accepts.
pub(super) struct Encodings(Vec<(&'static str, &'static str)>);

impl Encodings {
    /// RFC 9110 section 12.5.3: by weight, and of equal weight the best.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let lists = headers.get_all(header::ACCEPT_ENCODING).iter();
        let accepted: Vec<_> = lists
            .filter_map(|list| list.to_str().ok())
            .flat_map(|list| list.split(','))
            .map(weighted)
            .collect();
        let weight = |name: &str| {
            let find = |wanted: &str| accepted.iter().find(|(name, _)| *name == wanted);
            find(name).or_else(|| find("*")).map_or(0.0, |(_, weight)| *weight)
        };
        let mut wanted = KNOWN.map(|known| (weight(known.0), known)).to_vec();
        wanted.retain(|(weight, _)| *weight > 0.0);
        wanted.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        Self(wanted.into_iter().map(|(_, known)| known).collect())
    }

    pub(super) fn wanted(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.0.iter().copied()
    }
}

fn weighted(coding: &str) -> (&str, f32) {
    let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
    let weight = parameters.trim().strip_prefix("q=").and_then(|weight| weight.parse().ok());
    (name.trim(), weight.unwrap_or(1.0))
}
