use std::{fmt::Write as _, sync::Arc};

use ioserver::{IOServerError, Reply, Result, controller, extract::Params};
use serde::Deserialize;

use crate::{
    Service,
    issuer::Kind,
    page,
    people::{PEOPLE, Person},
};

/// A page with a button for each token, and the tokens as text for curl.
pub(crate) struct TokensController(pub(crate) Arc<Service>);

#[derive(Deserialize)]
pub(crate) struct Wanted {
    who: String,
}

#[controller]
impl TokensController {
    pub async fn page(&self) -> Reply {
        page::page("Development auth-service", &buttons())
    }

    pub async fn mint(&self, Params(wanted): Params<Wanted>) -> Result<Reply> {
        let (who, kind) = match wanted.who.as_str() {
            "expired" => ("alice", Kind::Expired),
            "id-token" => ("alice", Kind::Id),
            who => (who, Kind::Access),
        };
        let Some(person) = Person::named(who) else {
            let names = PEOPLE.map(|person| person.who).join(", ");
            let message = format!("there is no `{who}`; ask for {names}, expired or id-token");
            return Err(IOServerError::new(message, 404_u16));
        };
        let token = self.0.issuer.mint(person, kind, self.0.lifetime)?;
        Ok(Reply::text(token).with_header("cache-control", "no-store"))
    }
}

fn buttons() -> String {
    let mut content = String::from(
        "<p>Each button shows a token as text. Never run this where others can reach it.</p>\n",
    );
    let buttons = PEOPLE.iter().map(|person| (person.who, person.about));
    let odd = [
        ("expired", "a token that has expired"),
        ("id-token", "an ID token, which is no access token"),
    ];
    for (who, about) in buttons.chain(odd) {
        let _ = writeln!(
            content,
            "<form method=\"post\" action=\"/token/{who}\"><p><button>{who}</button> {about}</p></form>"
        );
    }
    content
}
