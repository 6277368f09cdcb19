//! The demo users.

use serde_json::{Value, json};

/// Someone who can have a token.
pub(super) struct Person {
    pub(super) who: &'static str,
    pub(super) about: &'static str,
    sub: &'static str,
    name: &'static str,
    roles: &'static [&'static str],
}

pub(super) const PEOPLE: [Person; 3] = [
    Person { who: "alice", about: "a user", sub: "alice-sub", name: "Alice", roles: &["editor"] },
    Person { who: "admin", about: "an admin", sub: "admin-sub", name: "Ada", roles: &["admin"] },
    Person {
        who: "mallory",
        about: "a user whose account is disabled",
        sub: "mallory-sub",
        name: "Mallory",
        roles: &[],
    },
];

impl Person {
    pub(super) fn named(who: &str) -> Option<&'static Self> {
        PEOPLE.iter().find(|person| person.who == who)
    }

    /// The claims that are about the person, as BetterAuth writes them.
    pub(super) fn claims(&self) -> Value {
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
