//! The demo users.

use serde_json::{Value, json};

/// Someone who can have a token.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) who: &'static str,
    pub(crate) about: &'static str,
    sub: &'static str,
    pub(crate) name: &'static str,
    roles: &'static [&'static str],
}

pub(crate) const PEOPLE: [Person; 3] = [
    Person { who: "alice", about: "a user", sub: "alice-sub", name: "Alice", roles: &["editor"] },
    Person { who: "admin", about: "an admin", sub: "admin-sub", name: "Ada", roles: &["admin"] },
    Person {
        who: "mallory",
        about: "a user whose account is disabled",
        sub: crate::DISABLED_SUB,
        name: "Mallory",
        roles: &[],
    },
];

impl Person {
    pub(crate) fn named(who: &str) -> Option<&'static Self> {
        PEOPLE.iter().find(|person| person.who == who)
    }

    /// The claims that are about the person, as BetterAuth writes them.
    pub(crate) fn claims(&self) -> Value {
        json!({
            "sub": self.sub,
            "email": format!("{}@example.test", self.who),
            "name": self.name,
            "roles": self.roles,
            "permissions": ["articles"],
            "features": { "maxProjects": 5 },
            "org_id": "org-demo",
        })
    }
}
