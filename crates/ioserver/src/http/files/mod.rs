//! Static files and the page of a single-page application.
//!
//! Not tower-http's `ServeDir`: its ETags, its `Cache-Control`, its ranges and its redirects differ
//! from the original's, which caches and pages may rely on.

mod conditions;
mod encoding;
mod opened;
mod range;
mod types;

use std::{
    io,
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use http::{HeaderMap, HeaderValue, Method, Response, header};
use percent_encoding::percent_decode_str;

use self::encoding::Encodings;
use super::respond::{ResponseBody, error_reply, not_found, respond};
use crate::{IOServerError, Reply, Request};

pub(crate) use opened::Opened;

/// A folder that is served at `/`.
pub(crate) struct StaticFiles {
    root: Arc<Path>,
    spa_fallback: bool,
    precompressed: bool,
}

impl StaticFiles {
    /// The folder, if it exists.
    pub(crate) fn open(root: &Path, spa_fallback: bool, precompressed: bool) -> io::Result<Self> {
        let root = root.canonicalize()?;
        if !root.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self { root: root.into(), spa_fallback, precompressed })
    }

    /// The file of a path, else the application's page; `None` is a 404.
    ///
    /// As in the original, a file has many paths: `//a`, `/./a`, `/b/../a` and `/%2fa` are `/a`. None
    /// of them is a way around the guard of a route: nothing is served if `is_routed` says of the
    /// plainest one, decoded, that a route stands there, be it for another host or version.
    pub(crate) async fn serve(
        &self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
        is_routed: impl Fn(&str) -> bool,
    ) -> Option<Response<ResponseBody>> {
        if !matches!(*method, Method::GET | Method::HEAD) {
            return None;
        }
        let file = match locate(path) {
            Located::At(file) if is_routed(&path_of(&file)) => return None,
            Located::At(file) => Some(file),
            Located::Nowhere => None,
            Located::Refused(refusal) => return Some(respond(error_reply(refusal, false))),
        };
        let candidates = file.into_iter().chain(self.spa_fallback.then(|| "index.html".into()));
        let search = Search {
            root: Arc::clone(&self.root),
            candidates: candidates.collect(),
            encodings: self.precompressed.then(|| Encodings::of(headers)),
        };
        let (method, headers) = (method.clone(), headers.clone());
        let found = tokio::task::spawn_blocking(move || search.reply(&method, &headers));
        let mut reply = found.await.ok()??;
        let reply = match reply.take_error() {
            Some(error) => error_reply(error, false),
            None => reply,
        };
        Some(respond(reply))
    }
}

/// A look at the disk, which blocks.
struct Search {
    root: Arc<Path>,
    candidates: Vec<PathBuf>,
    encodings: Option<Encodings>,
}

impl Search {
    fn reply(&self, method: &Method, headers: &HeaderMap) -> Option<Reply> {
        let opened = self.candidates.iter().find_map(|file| self.find(file).ok())?;
        let mut reply = opened.reply(method, headers);
        if self.encodings.is_some() {
            let vary = HeaderValue::from_static("Accept-Encoding");
            reply.headers_mut().insert(header::VARY, vary);
        }
        Some(reply)
    }

    /// The file itself, or the index of a folder. A link that leads out of the root is none.
    fn find(&self, file: &Path) -> io::Result<Opened> {
        let mut path = self.root.join(file).canonicalize()?;
        if path.is_dir() {
            path = path.join("index.html").canonicalize()?;
        }
        self.check(&path)?;
        for (encoding, suffix) in self.encodings.iter().flat_map(Encodings::wanted) {
            let mut name = path.clone().into_os_string();
            name.push(suffix);
            if let Ok(packed) = Path::new(&name).canonicalize()
                && self.check(&packed).is_ok()
                && let Ok(opened) = Opened::encoded(&packed, &path, encoding)
            {
                return Ok(opened);
            }
        }
        Opened::at(&path)
    }

    fn check(&self, path: &Path) -> io::Result<()> {
        if path.starts_with(&self.root) { Ok(()) } else { Err(io::ErrorKind::NotFound.into()) }
    }
}

impl Reply {
    /// Answers a request with a file, as [`root_dir`](crate::IOServerOptions::root_dir) does: ranges,
    /// `ETag` and `Last-Modified`, and 304 for a client that has it. A missing file is 404.
    ///
    /// The path is taken as it is. One that a client has a say in belongs to
    /// [`file_below`](Self::file_below).
    pub async fn file(path: impl Into<PathBuf>, request: &Request) -> Self {
        let path = path.into();
        Self::opened(request, move || Opened::at(&path)).await
    }

    /// Answers with a file below a folder. `name` may come from a client: what leads out of the
    /// folder, by `..` or by a link, is 403 or 404, and so are dot files.
    #[doc(alias = "sendFile")]
    pub async fn file_below(folder: impl Into<PathBuf>, name: &str, request: &Request) -> Self {
        let (folder, name) = (folder.into(), name.replace('%', "%25"));
        let file = match locate(&name) {
            Located::At(file) => file,
            Located::Nowhere => return not_found(request.method(), request.url()).into(),
            Located::Refused(refusal) => return refusal.into(),
        };
        let search = move || {
            let root = folder.canonicalize()?.into();
            Search { root, candidates: Vec::new(), encodings: None }.find(&file)
        };
        Self::opened(request, search).await
    }

    async fn opened<F>(request: &Request, open: F) -> Self
    where
        F: FnOnce() -> io::Result<Opened> + Send + 'static,
    {
        let (method, headers) = (request.method().clone(), request.headers().clone());
        let found = move || open().map(|opened| opened.reply(&method, &headers));
        match tokio::task::spawn_blocking(found).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(_)) => not_found(request.method(), request.url()).into(),
            Err(_) => IOServerError::new("the file could not be read", 500_u16).into(),
        }
    }
}

/// The plainest path to a file.
fn path_of(file: &Path) -> String {
    let names = file.iter().map(|name| name.to_string_lossy());
    format!("/{}", names.collect::<Vec<_>>().join("/"))
}

/// Where a path leads to below the root.
enum Located {
    At(PathBuf),
    Nowhere,
    Refused(IOServerError),
}

fn locate(path: &str) -> Located {
    let refused = |message, name, status: u16| {
        Located::Refused(IOServerError::new(message, status).with_name(name))
    };
    let forbidden = || refused("Forbidden", "ForbiddenError", 403);
    let Ok(path) = percent_decode_str(path).decode_utf8() else { return Located::Nowhere };
    if path.contains('\0') {
        return refused("Bad Request", "BadRequestError", 400);
    }
    let (mut file, mut depth) = (PathBuf::new(), 0_usize);
    for component in Path::new(path.trim_start_matches('/')).components() {
        match component {
            Component::Normal(name) => {
                let name = name.to_string_lossy();
                if name.split('\\').any(|part| part == "..") {
                    return forbidden(); // Windows reads a backslash as a slash
                }
                let hidden = name.starts_with('.') && name != ".well-known";
                if hidden || name.contains('\\') {
                    return Located::Nowhere;
                }
                file.push(&*name);
                depth += 1;
            }
            Component::ParentDir if depth == 0 => return forbidden(),
            Component::ParentDir => {
                file.pop();
                depth -= 1;
            }
            _ => {}
        }
    }
    Located::At(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(precompressed: bool) -> (tempfile::TempDir, StaticFiles) {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in [
            ("index.html", "page"),
            ("app.js", "plain"),
            ("app.js.br", "br"),
            ("app.js.gz", "gz"),
            (".env", "secret"),
        ] {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        let files = StaticFiles::open(folder.path(), false, precompressed).unwrap();
        (folder, files)
    }

    async fn get(files: &StaticFiles, path: &str) -> Option<u16> {
        let response = files.serve(&Method::GET, path, &HeaderMap::new(), |_| false).await?;
        Some(response.status().as_u16())
    }

    #[tokio::test]
    async fn what_leaves_the_root_is_refused_and_dot_files_do_not_exist() {
        let (_folder, files) = files(false);
        for outside in ["/../etc/passwd", "/..%2fpasswd", "/a/../../b", "/..%5cb", "/a%5c..%5cb"] {
            assert_eq!(get(&files, outside).await, Some(403), "{outside}");
        }
        for nowhere in ["/.env", "/%2eenv", "/a/../.env", "/nope", "/app.js%5c"] {
            assert_eq!(get(&files, nowhere).await, None, "{nowhere}");
        }
        assert_eq!(get(&files, "/app.js%00").await, Some(400));
        assert_eq!(get(&files, "/").await, Some(200));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_link_that_leads_out_of_the_root_is_not_followed() {
        let (folder, files) = files(true);
        let outside = tempfile::NamedTempFile::new().unwrap();
        for link in ["link.txt", "index.html.br"] {
            std::os::unix::fs::symlink(outside.path(), folder.path().join(link)).unwrap();
        }
        assert_eq!(get(&files, "/link.txt").await, None);
        let headers = accept("br");
        let page = files.serve(&Method::GET, "/", &headers, |_| false).await.unwrap();
        assert!(!page.headers().contains_key(header::CONTENT_ENCODING));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_pipe_is_no_file_and_is_not_waited_for() {
        let (folder, files) = files(true);
        for name in ["pipe", "index.html.br"] {
            let path = folder.path().join(name);
            let made = std::process::Command::new("mkfifo").arg(path).status().unwrap();
            assert!(made.success());
        }
        assert_eq!(get(&files, "/pipe").await, None);
        let page = files.serve(&Method::GET, "/", &accept("br"), |_| false).await.unwrap();
        assert_eq!(page.status(), 200);
        assert!(!page.headers().contains_key(header::CONTENT_ENCODING));
    }

    fn accept(encodings: &'static str) -> HeaderMap {
        let accept = HeaderValue::from_static(encodings);
        HeaderMap::from_iter([(header::ACCEPT_ENCODING, accept)])
    }

    #[tokio::test]
    async fn a_packed_file_is_sent_to_who_can_unpack_it_and_only_if_asked_for() {
        let (_folder, packed) = files(true);
        for (accepted, encoding) in [
            ("gzip, deflate, br", Some("br")),
            ("gzip", Some("gzip")),
            ("br;q=0.5, gzip", Some("gzip")),
            ("br;q=0, gzip;q=0", None),
            ("*", Some("br")),
            ("identity", None),
        ] {
            let response =
                packed.serve(&Method::GET, "/app.js", &accept(accepted), |_| false).await.unwrap();
            let sent = response.headers().get(header::CONTENT_ENCODING);
            assert_eq!(sent.map(|sent| sent.to_str().unwrap()), encoding, "{accepted}");
            assert_eq!(response.headers()[header::VARY], "Accept-Encoding");
            let kind = &response.headers()[header::CONTENT_TYPE];
            assert_eq!(kind, "application/javascript; charset=utf-8");
        }
        let page =
            packed.serve(&Method::GET, "/index.html", &accept("br"), |_| false).await.unwrap();
        assert!(!page.headers().contains_key(header::CONTENT_ENCODING));
        let (_folder, plain) = files(false);
        let response =
            plain.serve(&Method::GET, "/app.js", &accept("br"), |_| false).await.unwrap();
        assert!(!response.headers().contains_key(header::CONTENT_ENCODING));
        assert!(!response.headers().contains_key(header::VARY));
    }
}
