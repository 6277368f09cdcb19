//! The client's bundles as browsers get them.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::{fs, io::Read, path::PathBuf};

use ioserver::{IOServer, IOServerOptions, RunningServer, SocketOptions};
use reqwest::header::{ACCEPT_ENCODING, HeaderMap};

const FILE: &str = "/socket.io/socket.io.min.js";

fn text() -> String {
    "console.log('this is the client');\n".repeat(1000)
}

/// A folder as npm makes it.
async fn start() -> (RunningServer, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let dist: PathBuf = folder.path().join("dist");
    fs::create_dir(&dist).unwrap();
    fs::write(folder.path().join("package.json"), "{\"version\":\"4.8.3\"}").unwrap();
    fs::write(dist.join("socket.io.min.js"), text()).unwrap();
    let options = IOServerOptions {
        host: "127.0.0.1".into(),
        port: 0,
        socket: SocketOptions { client_dir: Some(dist), ..SocketOptions::default() },
        ..IOServerOptions::default()
    };
    (IOServer::new(options).start().await.unwrap(), folder)
}

async fn get(server: &RunningServer, field: &str, value: &str) -> (u16, HeaderMap, Vec<u8>) {
    let url = format!("http://{}{FILE}", server.address());
    let response = reqwest::Client::new().get(url).header(field, value).send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    (status, headers, response.bytes().await.unwrap().to_vec())
}

#[tokio::test]
async fn a_bundle_is_packed_as_the_browser_likes_it_and_named_by_its_version() {
    let (server, _folder) = start().await;
    for (accepted, coding) in [
        ("gzip, deflate, br", Some("gzip")),
        ("br", Some("br")),
        ("gzip;q=0.5, br", Some("br")),
        ("deflate", Some("deflate")),
        ("*", Some("br")),
        ("identity", None),
        ("zstd", None),
    ] {
        for _ in 0..2 {
            let (status, headers, body) = get(&server, ACCEPT_ENCODING.as_str(), accepted).await;
            assert_eq!(status, 200);
            assert_eq!(
                headers.get("content-encoding").map(|value| value.to_str().unwrap()),
                coding
            );
            assert_eq!(headers["etag"], "\"4.8.3\"");
            assert_eq!(headers["cache-control"], "public, max-age=0");
            assert_eq!(headers["content-type"], "application/javascript; charset=utf-8");
            let vary = headers["vary"].to_str().unwrap().to_lowercase();
            assert_eq!(vary.contains("accept-encoding"), coding.is_some(), "{vary}");
            let mut read = String::new();
            match coding {
                Some("br") => brotli::Decompressor::new(&*body, 4096).read_to_string(&mut read),
                Some("gzip") => flate2::read::GzDecoder::new(&*body).read_to_string(&mut read),
                Some(_) => flate2::read::ZlibDecoder::new(&*body).read_to_string(&mut read),
                None => (&*body).read_to_string(&mut read),
            }
            .unwrap();
            assert_eq!(read, text(), "{accepted}");
        }
    }
}

#[tokio::test]
async fn a_browser_that_has_the_bundle_does_not_get_it_again() {
    let (server, _folder) = start().await;
    for (known, expected) in [("\"4.8.3\"", 304), ("W/\"4.8.3\"", 304), ("\"4.8.2\"", 200)] {
        let (status, _, body) = get(&server, "if-none-match", known).await;
        assert_eq!((status, body.is_empty()), (expected, expected == 304), "{known}");
    }
}
