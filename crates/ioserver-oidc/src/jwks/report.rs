//! What the log reads about keys. Ids come from outside: they are cut and escaped.

use std::{
    fmt,
    fmt::Write as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use ioserver::LogLevel;

use super::{
    fetch::Endpoint,
    key::{Key, Unusable},
};

/// Takes one line for the log.
pub(crate) type Reporter = dyn Fn(LogLevel, &str) + Send + Sync;

/// Who is told: whoever came last of those that are still there. A source outlives every server, and
/// must not keep one alive.
#[derive(Default)]
pub(crate) struct Reporters(Mutex<Vec<Weak<Reporter>>>);

impl Reporters {
    pub(crate) fn add(&self, reporter: &Arc<Reporter>) {
        let mut all = self.all();
        all.retain(|known| known.strong_count() > 0);
        all.push(Arc::downgrade(reporter));
    }

    pub(crate) fn last(&self) -> Option<Arc<Reporter>> {
        self.all().iter().rev().find_map(Weak::upgrade)
    }

    fn all(&self) -> MutexGuard<'_, Vec<Weak<Reporter>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The lines about one fetch, written once the locks are free.
pub(crate) struct Report {
    uri: String,
    lines: Vec<(LogLevel, String)>,
}

impl Report {
    pub(crate) fn about(endpoint: &Endpoint) -> Self {
        Self { uri: endpoint.shown(), lines: Vec::new() }
    }

    /// New keys.
    pub(crate) fn keys(&mut self, keys: &[Key]) {
        const NAMED: usize = 10;
        if keys.is_empty() {
            return self
                .add(LogLevel::Warning, "no usable key is published, so no token is accepted");
        }
        let mut text = format!("{} key(s):", keys.len());
        for key in keys.iter().take(NAMED) {
            let _ = write!(text, " {}", Shown(key.kid())); // a String takes whatever is written
        }
        if keys.len() > NAMED {
            text.push_str(" …");
        }
        self.add(LogLevel::Information, &text);
    }

    /// Entries that are not used.
    pub(crate) fn skipped<'a>(&mut self, entries: impl Iterator<Item = &'a Unusable>) {
        for Unusable { kid, reason, broken } in entries {
            let level = if *broken { LogLevel::Warning } else { LogLevel::Information };
            self.add(level, &format!("key {} is skipped: {reason}", Shown(kid.as_deref())));
        }
    }

    pub(crate) fn recovered(&mut self, failures: u32) {
        if failures > 0 {
            let text = format!("keys were fetched again, after {failures} failure(s)");
            self.add(LogLevel::Notification, &text);
        }
    }

    /// A failed attempt: each new reason, and of a row of them the 1st, 2nd, 4th, 8th …
    pub(crate) fn failed(&mut self, text: &str, failures: u32, news: bool, kept: bool) {
        if !news && !failures.is_power_of_two() {
            return;
        }
        let (level, effect) = if kept {
            (LogLevel::Warning, "the keys there are stay in use")
        } else {
            (LogLevel::Error, "no token can be verified")
        };
        self.add(level, &format!("attempt {failures} failed: {text}; {effect}"));
    }

    pub(crate) fn send(&self, reporter: &Reporter) {
        for (level, text) in &self.lines {
            reporter(*level, text);
        }
    }

    fn add(&mut self, level: LogLevel, text: &str) {
        self.lines.push((level, format!("[JwksSource] {}: {text}", self.uri)));
    }
}

/// A key id as it may stand in a line.
struct Shown<'a>(Option<&'a str>);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 64;
        let Some(kid) = self.0 else { return f.write_str("without id") };
        f.write_char('`')?;
        for character in kid.chars().take(LONGEST) {
            write!(f, "{}", character.escape_debug())?;
        }
        f.write_str(if kid.chars().nth(LONGEST).is_some() { "…`" } else { "`" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_those_that_are_still_there_is_told_and_none_is_kept_alive() {
        let reporters = Reporters::default();
        let [first, second]: [Arc<Reporter>; 2] = [Arc::new(|_, _| ()), Arc::new(|_, _| ())];
        reporters.add(&first);
        reporters.add(&second);
        assert!(Arc::ptr_eq(&reporters.last().unwrap(), &second));
        drop(second);
        assert!(Arc::ptr_eq(&reporters.last().unwrap(), &first));
        assert_eq!(Arc::strong_count(&first), 1);
        drop(first);
        assert!(reporters.last().is_none());
    }

    #[test]
    fn an_id_cannot_break_the_line_or_fill_the_log() {
        assert_eq!(Shown(Some("a\nb\u{1b}[31m")).to_string(), r"`a\nb\u{1b}[31m`");
        assert_eq!(Shown(Some(&"é".repeat(10_000))).to_string(), format!("`{}…`", "é".repeat(64)));
        assert_eq!(Shown(None).to_string(), "without id");
    }
}
