//! Answers of @fastify/static 9.0.0, recorded for many files and requests, and ours.
#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

mod support;

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use ioserver::{CorsOptions, IOServerOptions, Origin};
use serde::Deserialize;
use support::Server;

#[derive(Deserialize)]
struct Recorded {
    files: BTreeMap<String, String>,
    spa: Vec<Row>,
    plain: Vec<Row>,
}

/// What was asked, and the status, the headers and the body of the answer.
#[derive(Clone, Debug, Deserialize)]
struct Row(Asked, u16, BTreeMap<String, String>, String);

#[derive(Clone, Debug, Deserialize)]
struct Asked(String, String, BTreeMap<String, String>);

/// 2024-05-06T07:08:09.123Z
const MODIFIED: Duration = Duration::from_millis(1_714_979_289_123);

fn lay_out(root: &Path, files: &BTreeMap<String, String>) {
    for (name, content) in files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + MODIFIED).unwrap();
    }
}

async fn start(root: &Path, spa_fallback: bool) -> Server {
    let cors = CorsOptions { origin: Origin::Off, ..CorsOptions::default() };
    let root_dir = Some(root.to_owned());
    Server::start(IOServerOptions { root_dir, spa_fallback, cors, ..Default::default() }).await
}

async fn ask(server: &Server, Asked(method, path, headers): &Asked) -> Row {
    let headers: String =
        headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let request =
        format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
    let answer = server.exchange(&request).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let compared = [
        "accept-ranges",
        "cache-control",
        "content-range",
        "content-type",
        "content-length",
        "etag",
        "last-modified",
        "location",
        "vary",
        "allow",
        "content-encoding",
    ];
    let headers = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    let headers = headers.filter(|(name, _)| compared.contains(name));
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Row(
        Asked(method.clone(), path.clone(), BTreeMap::new()),
        support::status_of(&answer),
        headers,
        body.to_owned(),
    )
}

async fn compare(server: &Server, recorded: &[Row]) -> Vec<String> {
    let mut wrong = Vec::new();
    for row in recorded {
        let mut ours = ask(server, &row.0).await;
        if ours.1 == 416 {
            // RFC 9110 section 15.5.17 wants it; the original leaves it out.
            assert_eq!(ours.2.remove("content-range").as_deref(), Some("bytes */10"));
        }
        if (ours.1, &ours.2, &ours.3) != (row.1, &row.2, &row.3) {
            let Asked(method, path, headers) = &row.0;
            wrong.push(format!(
                "{method} {path} {headers:?}\n  recorded {} {:?} {:?}\n  ours     {} {:?} {:?}",
                row.1, row.2, row.3, ours.1, ours.2, ours.3
            ));
        }
    }
    wrong
}

#[tokio::test]
async fn every_recorded_answer_of_fastify_static_is_ours() {
    let recorded: Recorded = serde_json::from_str(include_str!("fixtures/static.json")).unwrap();
    let root = tempfile::tempdir().unwrap();
    lay_out(root.path(), &recorded.files);
    let mut wrong = compare(&start(root.path(), true).await, &recorded.spa).await;
    wrong.extend(compare(&start(root.path(), false).await, &recorded.plain).await);
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(recorded.spa.len() > 200 && recorded.plain.len() > 100);
}

/// Every way to a file that a guarded route stands before.
#[tokio::test]
async fn a_file_is_no_way_around_the_route_that_stands_before_it() {
    let root = tempfile::tempdir().unwrap();
    for name in ["admin.html", "host.html", "a,b.html", "old.html", "open.html", "x/1.html"] {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "FILE").unwrap();
    }
    let routes = r#"[
        { "method": "GET", "url": "/admin.html", "handler": "forged", "exposeHeadRoute": false },
        { "method": "GET", "url": "/a,b.html", "handler": "forged" },
        { "method": "GET", "url": "/host.html", "handler": "forged", "constraints": { "host": "a" } },
        { "method": "GET", "url": "/old.html", "handler": "forged", "constraints": { "version": "1.0.0" } },
        { "method": "GET", "url": "/x/:id(^[0-9]+).html", "handler": "forged" }
    ]"#;
    for spa_fallback in [false, true] {
        let options = IOServerOptions {
            root_dir: Some(root.path().to_owned()),
            spa_fallback,
            ..Default::default()
        };
        let server = Server::with(options, routes, support::Echo).await;
        let ask = async |method: &str, path: &str, headers: &str| {
            let head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
            server.exchange(&format!("{head}{headers}\r\n")).await
        };
        for path in [
            "/admin.html",
            "//admin.html",
            "/./admin.html",
            "/x/../admin.html",
            "/%2fadmin.html",
            "/%2Fadmin.html",
            "/admin.html/",
            "/admin.html//",
            "/admin.html/.",
            "/%61dmin.html",
            "/admin%2ehtml",
            "/%2e/admin.html",
            "/x/%2e%2e/admin.html",
            "/x%2f../admin.html",
            "/a,b.html",
            "/a%2cb.html",
            "/a%2Cb.html",
            "/host.html",
            "/old.html",
            "/x/1.html",
            "/x/%31.html",
            "/x//1.html",
        ] {
            for version in ["", "Accept-Version: 7\r\n", "Accept-Version: 1.x\r\n"] {
                for host in ["Host: x\r\n", "Host: a\r\n"] {
                    let answer = ask("GET", path, &format!("{host}{version}")).await;
                    assert!(!answer.contains("FILE"), "{path} {host} {version}: {answer}");
                    let answer = ask("HEAD", path, &format!("{host}{version}")).await;
                    assert!(!answer.contains("content-length: 4"), "{path} {host}: {answer}");
                }
            }
        }
        for path in ["/open.html", "/%6fpen.html", "//open.html", "/x/../open.html"] {
            assert!(ask("GET", path, "Host: x\r\n").await.ends_with("FILE"), "{path}");
        }
    }
}
