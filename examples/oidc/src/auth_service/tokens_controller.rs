use std::{fmt::Write as _, sync::Arc};

use ioserver::{IOServerError, Reply, Result, controller, extract::Params};
use serde::Deserialize;

use super::{
    issuer::{Issuer, Kind},
    people::{PEOPLE, Person},
};

/// A page with a button for each token, and the tokens as text for curl.
pub(super) struct TokensController(pub(super) Arc<Issuer>);

#[derive(Deserialize)]
pub(super) struct Wanted {
    who: String,
}

#[controller]
impl TokensController {
    pub async fn page(&self) -> Reply {
        Reply::text(page())
            .with_type("text/html; charset=utf-8")
            .with_header(
                "content-security-policy",
                "default-src 'none'; form-action 'self'; style-src 'unsafe-inline'",
            )
            .with_header("x-content-type-options", "nosniff")
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
        let token = self.0.mint(person, kind)?;
        Ok(Reply::text(token).with_header("cache-control", "no-store"))
    }
}

fn page() -> String {
    let mut page = String::from(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>Development auth-service</title>\n\
         <style>body{font:1rem/1.5 system-ui;max-width:40rem;margin:2rem auto;padding:0 1rem}\
         button{font:inherit;padding:.5rem 1rem}</style>\n\
         <h1>Development auth-service</h1>\n\
         <p>Each button shows a token as text. Never run this where others can reach it.</p>\n",
    );
    let buttons = PEOPLE.iter().map(|person| (person.who, person.about));
    let odd = [
        ("expired", "a token that has expired"),
        ("id-token", "an ID token, which is no access token"),
    ];
    for (who, about) in buttons.chain(odd) {
        let _ = writeln!(
            page,
            "<form method=\"post\" action=\"/token/{who}\"><p><button>{who}</button> {about}</p></form>"
        );
    }
    page
}
