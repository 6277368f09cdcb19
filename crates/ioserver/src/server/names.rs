//! The names of components: which are allowed, and which are taken.

use std::{collections::HashSet, fmt};

use crate::{IOServerError, Result};

/// The kinds of components that have names.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the framework has these kinds")]
pub enum ComponentKind {
    /// A [`BaseManager`](crate::BaseManager).
    Manager,
    /// A [`BaseWatcher`](crate::BaseWatcher).
    Watcher,
    /// A [`BaseService`](crate::BaseService).
    Service,
    /// A [`BaseController`](crate::BaseController).
    Controller,
}

impl fmt::Display for ComponentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Manager => "manager",
            Self::Watcher => "watcher",
            Self::Service => "service",
            Self::Controller => "controller",
        })
    }
}

#[derive(Default)]
pub(super) struct Names {
    taken: HashSet<(ComponentKind, String)>,
}

impl Names {
    /// Takes a name, in the original's words and with the status of the cause (the original
    /// answers 500 for all).
    pub(super) fn claim(&mut self, kind: ComponentKind, name: &str) -> Result<()> {
        let refuse = |why: &str, status: u16| {
            let message = format!("Error while instantiating {name} {kind}: IOServerError: {why}");
            Err(IOServerError::new(message, status))
        };
        if name.is_empty() {
            return refuse("Name is mandatory", 400);
        }
        if kind != ComponentKind::Service && name.encode_utf16().count() < 2 {
            return refuse("Name must have at least 2 characters", 400);
        }
        if matches!(name, "send" | "log" | "verbose") {
            return refuse("Sorry this is a reserved name", 400);
        }
        if !self.taken.insert(key(kind, name)) {
            return refuse(&format!("Sorry this {kind} already exists"), 409);
        }
        Ok(())
    }

    /// Gives a name back whose component could not be made.
    pub(super) fn release(&mut self, kind: ComponentKind, name: &str) {
        self.taken.remove(&key(kind, name));
    }

    pub(super) fn contains(&self, kind: ComponentKind, name: &str) -> bool {
        self.taken.contains(&key(kind, name))
    }
}

/// `chat` and `/chat` are one namespace: a second service there would replace the first and its
/// middlewares.
fn key(kind: ComponentKind, name: &str) -> (ComponentKind, String) {
    let bare = name.strip_prefix('/').filter(|rest| !rest.is_empty());
    let name = if kind == ComponentKind::Service { bare.unwrap_or(name) } else { name };
    (kind, name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_claimed_once_and_some_never() {
        let mut names = Names::default();
        let mut claim = |kind, name| names.claim(kind, name).map_err(|error| error.status());
        assert_eq!(claim(ComponentKind::Manager, "users"), Ok(()));
        assert_eq!(claim(ComponentKind::Manager, "users"), Err(409));
        assert_eq!(claim(ComponentKind::Watcher, "users"), Ok(()), "each kind for itself");
        assert_eq!(claim(ComponentKind::Manager, "send"), Err(400));
        assert_eq!(claim(ComponentKind::Manager, ""), Err(400));
        assert_eq!(claim(ComponentKind::Controller, "c"), Err(400));
        assert_eq!(claim(ComponentKind::Service, "q"), Ok(()));
        assert_eq!(claim(ComponentKind::Service, "/q"), Err(409), "it is the same namespace");
        assert_eq!(claim(ComponentKind::Service, "/"), Ok(()));
    }
}
