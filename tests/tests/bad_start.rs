//! What an operator reads when something is wrong at the start: one clear error that names the
//! thing and says what to do, exit code 1, and no panic. All options are at their defaults.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::{collections::BTreeMap, fs, net::TcpListener, path::Path};

use ioserver_tests::{Program, built};

/// Starts the app and expects that it ends with these words on its last line.
#[track_caller]
fn refuse<'a>(
    routes: &'a Path,
    parts: &'a [&'a str],
    environment: &'a [(&'static str, &'static str)],
    words: &'a [&'a str],
) -> impl Future<Output = ()> + 'a {
    refuse_on("0", routes, parts, environment, words)
}

async fn refuse_on(
    port: &str,
    routes: &Path,
    parts: &[&str],
    environment: &[(&'static str, &'static str)],
    words: &[&str],
) {
    let folder = routes.to_str().unwrap();
    let arguments = [port, folder].into_iter().chain(parts.iter().copied());
    let environment = environment.iter().map(|(name, value)| (*name, (*value).to_owned()));
    let environment = environment.collect::<BTreeMap<_, _>>();
    let ended = Program::start(built("start-app"), arguments, &environment);
    let ended = ended.ended().await;
    assert_eq!(ended.code, Some(1), "{}", ended.output);
    assert!(!ended.output.contains("panicked"), "{}", ended.output);
    let last = ended.output.lines().last().unwrap_or_default();
    assert!(last.starts_with("Error: "), "{}", ended.output);
    for word in words {
        assert!(last.contains(word), "`{word}` is not in: {}", ended.output);
    }
}

/// A folder of route files in which `open.json` has this text.
fn routes(open: impl AsRef<[u8]>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("open.json"), open).unwrap();
    let api = r#"[{ "method": "GET", "url": "/me", "handler": "me" }]"#;
    fs::write(folder.path().join("api.json"), api).unwrap();
    folder
}

const GOOD: &str = r#"[{ "method": "GET", "url": "/hello", "handler": "hello" }]"#;
const AUTH: [(&str, &str); 2] =
    [("AUTH_SERVICE_URL", "http://127.0.0.1:9"), ("AUTH_SERVICE_APP_SLUG", "app")];

#[tokio::test]
async fn a_route_file_that_cannot_be_used_is_named_with_its_route_and_the_cause() {
    let route = |text: &str| format!("[{GOOD_ROUTE}, {text}]");
    const GOOD_ROUTE: &str = r#"{ "method": "GET", "url": "/hello", "handler": "hello" }"#;
    let cases: [(Vec<u8>, &[&str]); 11] = [
        (vec![0xff, 0xfe], &["open.json", "cannot be read", "UTF-8"]),
        (b"[{".to_vec(), &["open.json", "is no JSON", "line 1"]),
        (b"{}".to_vec(), &["open.json", "is no array of routes", "write `[{"]),
        (
            route(r#"{ "method": "GET", "url": "/x" }"#).into(),
            &["open.json: route 2 (/x)", "missing field `handler`"],
        ),
        (
            route(r#"{ "method": "GET", "url": "/x", "handler": "helo" }"#).into(),
            &["open.json: route 2 (/x)", "`handler` names `helo`", "hello"],
        ),
        (
            route(r#"{ "method": "GET", "url": "/x", "handler": "hello", "onRequest": "lok" }"#)
                .into(),
            &["open.json: route 2 (/x)", "`onRequest` names `lok`", "look"],
        ),
        (
            route(r#"{ "method": "FROB", "url": "/x", "handler": "hello" }"#).into(),
            &["open.json: route 2 (/x)", "method `FROB` is not one of", "GET"],
        ),
        (
            route(r#"{ "method": "GET", "url": "/x", "handler": "hello", "timeout": 5 }"#).into(),
            &["open.json: route 2 (/x)", "unknown field `timeout`"],
        ),
        (
            route(r#"{ "method": "GET", "url": "/:a/:a", "handler": "hello" }"#).into(),
            &["open.json: route 2 (/:a/:a)", "parameter `a` is named twice"],
        ),
        (
            route(GOOD_ROUTE).into(),
            &["open.json: route 2 (/hello)", "GET /open/hello has a route already"],
        ),
        (route("7").into(), &["open.json: route 2", "expected"]),
    ];
    for (text, words) in cases {
        let folder = routes(text);
        refuse(folder.path(), &["open"], &[], words).await;
    }
}

#[tokio::test]
async fn a_controller_without_a_route_file_is_an_error_that_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let words = ["Routes file does not exist", "open.json"];
    refuse(folder.path(), &["open"], &[], &words).await;
}

#[tokio::test]
async fn missing_settings_of_the_auth_service_are_named_with_and_without_the_config_manager() {
    let folder = routes(GOOD);
    let (url, slug) = (AUTH[0], AUTH[1]);
    for parts in [&["oidcConfig", "api"][..], &["api"], &["chat"], &["oidcConfig"]] {
        refuse(folder.path(), parts, &[], &["AUTH_SERVICE_URL"]).await;
        refuse(folder.path(), parts, &[slug], &["AUTH_SERVICE_URL"]).await;
        refuse(folder.path(), parts, &[url], &["AUTH_SERVICE_APP_SLUG"]).await;
        refuse(folder.path(), parts, &[("AUTH_SERVICE_URL", ""), slug], &["AUTH_SERVICE_URL"])
            .await;
    }
    let nonsense = [("AUTH_SERVICE_URL", "not a url"), slug];
    refuse(folder.path(), &["api"], &nonsense, &["AUTH_SERVICE_URL"]).await;
}

#[tokio::test]
async fn a_users_manager_that_provides_no_directory_does_not_start() {
    let folder = routes(GOOD);
    for parts in [["users-without-directory", "api"], ["users-without-directory", "chat"]] {
        let words = ["manager `users`", "UserDirectory", "provide"];
        refuse(folder.path(), &parts, &AUTH, &words).await;
    }
}

#[tokio::test]
async fn a_manager_that_fails_ends_the_start_and_is_named() {
    let folder = routes(GOOD);
    let words = ["manager `store` did not start", "the disk is on fire"];
    refuse(folder.path(), &["failing-manager", "open"], &[], &words).await;
}

#[tokio::test]
async fn a_port_in_use_is_named_with_what_to_do() {
    let folder = routes(GOOD);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let words = [&format!("cannot listen on 127.0.0.1:{port}"), "choose another port"];
    refuse_on(&port, folder.path(), &["open"], &[], &words).await;
}
