//! The bodies that a route takes besides JSON and text.

use std::sync::Arc;

/// Media types that a route, or every route of a server, takes besides `application/json` and
/// `text/plain`; all others are 415.
#[derive(Debug, Default)]
pub(crate) struct Accepts {
    form: bool,
    /// Left for the handler to read, as they are.
    raw: Vec<String>,
}

const FORM: &str = "application/x-www-form-urlencoded";

impl Accepts {
    /// Reads media types and ranges of them; `None` if there are none. The error names one that is
    /// neither.
    pub(crate) fn new<'a>(
        names: impl Iterator<Item = &'a String>,
    ) -> Result<Option<Arc<Self>>, String> {
        let mut accepts = Self::default();
        for name in names {
            let name = name.trim().to_ascii_lowercase();
            match name.split_once('/') {
                Some(_) if name == FORM => accepts.form = true,
                Some((kind, part)) if !kind.is_empty() && !part.is_empty() => {
                    accepts.raw.push(name)
                }
                _ => {
                    let example = "write one as `image/png`, `image/*` or `*/*`";
                    return Err(format!(
                        "`accepts` names `{name}`, which is no media type: {example}"
                    ));
                }
            }
        }
        let any = accepts.form || !accepts.raw.is_empty();
        Ok(any.then(|| Arc::new(accepts)))
    }

    /// Whether a handler can be given a body of this media type.
    pub(super) fn delivers(&self, essence: &str) -> bool {
        // A form is parsed, and not left to the handler, so a range of types does not do.
        if essence == FORM { self.form } else { self.names(essence) || self.covers(essence) }
    }

    pub(super) fn takes_form(&self, essence: &str) -> bool {
        self.form && essence.eq_ignore_ascii_case(FORM)
    }

    /// Whether a body is the handler's to read because its type is named.
    pub(super) fn names(&self, essence: &str) -> bool {
        self.raw.iter().any(|name| name.eq_ignore_ascii_case(essence))
    }

    /// The same for a range of types, which does not take JSON and text from who parses them.
    pub(super) fn covers(&self, essence: &str) -> bool {
        let kind = essence.split_once('/').map(|(kind, _)| kind);
        self.raw.iter().any(|range| match range.strip_suffix("/*") {
            Some("*") => kind.is_some() || essence.is_empty(),
            Some(wanted) => kind.is_some_and(|kind| kind.eq_ignore_ascii_case(wanted)),
            None => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(names: &[&str]) -> Result<Option<Arc<Accepts>>, String> {
        let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
        Accepts::new(names.iter())
    }

    #[test]
    fn types_are_named_or_covered_by_a_range() {
        let some = accepts(&["image/*", "Application/PDF"]).unwrap().unwrap();
        assert!(some.names("application/pdf") && some.covers("IMAGE/png"));
        assert!(!some.covers("application/json") && !some.covers("image") && !some.covers(""));
        assert!(!some.takes_form(FORM));
        let all = accepts(&["*/*", FORM]).unwrap().unwrap();
        assert!(all.covers("x/y") && all.covers("") && !all.covers("garbage"));
        assert!(all.takes_form(FORM) && !all.names("application/json"));
    }

    #[test]
    fn what_is_no_media_type_is_refused_by_name() {
        assert!(accepts(&[]).unwrap().is_none());
        assert!(accepts(&["multipart"]).unwrap_err().contains("`multipart`"));
    }
}
