//! The pages, as HTML.

use std::fmt::Write as _;

use form_urlencoded::Serializer;
use ioserver::Reply;

use crate::{authorize::Asked, people::PEOPLE};

const STYLE: &str = "body{font:1rem/1.5 system-ui;max-width:30rem;margin:3rem auto;padding:0 1rem;\
     color-scheme:light dark}button,a.button{font:inherit;padding:.5rem 1rem}\
     a.button{border:1px solid;border-radius:.5rem;display:block;margin:.5rem 0;\
     text-decoration:none;padding:.75rem 1rem}";

/// A page with this heading and this content, which is markup.
pub(crate) fn page(title: &str, content: &str) -> Reply {
    let page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n<main>\n<h1>{title}</h1>\n{content}</main>\n"
    );
    Reply::text(page)
        .with_type("text/html; charset=utf-8")
        .with_header(
            "content-security-policy",
            "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
             style-src 'unsafe-inline'",
        )
        .with_header("cache-control", "no-store")
        .with_header("referrer-policy", "no-referrer")
        .with_header("x-content-type-options", "nosniff")
}

/// One click for each person.
pub(crate) fn sign_in(asked: &Asked, client: &str) -> Reply {
    let mut content =
        format!("<p>Who do you want to be in {client}? There are no passwords.</p>\n");
    for person in &PEOPLE {
        let mut query = Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", client)
            .append_pair("redirect_uri", &asked.redirect_uri)
            .append_pair("code_challenge", &asked.code_challenge)
            .append_pair("code_challenge_method", "S256");
        if let Some(state) = &asked.state {
            query.append_pair("state", state);
        }
        query.append_pair("who", person.who);
        // The serializer leaves nothing that means something in an attribute, but for `&`.
        let query = query.finish().replace('&', "&amp;");
        let (name, about) = (person.name, person.about);
        let _ =
            writeln!(content, "<a class=\"button\" href=\"?{query}\"><b>{name}</b>, {about}</a>");
    }
    page("Sign in", &content)
}

/// For the person, because the page that sent them here is not to be trusted.
pub(crate) fn refusal(why: &str) -> Reply {
    page("This cannot be done", &format!("<p>The page that sent you here is wrong: {why}.</p>\n"))
        .with_status(400)
}
