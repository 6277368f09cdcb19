//! Static files and the page of a single-page application.
//!
//! Not tower-http's `ServeDir`: its ETags, its `Cache-Control` and its redirects differ from the
//! original's, which caches and pages may rely on.

use std::{
    io::SeekFrom,
    path::{Component, Path, PathBuf},
    pin::Pin,
    task::{Context, Poll},
    time::UNIX_EPOCH,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use http_body::{Body, Frame, SizeHint};
use percent_encoding::percent_decode_str;
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt, Take},
};
use tokio_util::io::ReaderStream;

use super::respond::{ResponseBody, error_reply, respond};
use crate::IOServerError;

/// A folder that is served at `/`.
pub(crate) struct StaticFiles {
    root: PathBuf,
    spa_fallback: bool,
}

impl StaticFiles {
    /// The folder, if it exists.
    pub(crate) fn open(root: &Path, spa_fallback: bool) -> std::io::Result<Self> {
        let root = root.canonicalize()?;
        if !root.is_dir() {
            return Err(std::io::ErrorKind::NotADirectory.into());
        }
        Ok(Self { root, spa_fallback })
    }

    /// The file of a path, else the application's page; `None` is a 404.
    pub(crate) async fn serve(
        &self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
    ) -> Option<Response<ResponseBody>> {
        if !matches!(*method, Method::GET | Method::HEAD) {
            return None;
        }
        match self.locate(path) {
            Located::Forbidden => Some(forbidden()),
            Located::Nowhere => self.page(headers).await,
            Located::At(file) => match self.file(&file, headers).await {
                Some(response) => Some(response),
                None => self.page(headers).await,
            },
        }
    }

    async fn page(&self, headers: &HeaderMap) -> Option<Response<ResponseBody>> {
        if !self.spa_fallback {
            return None;
        }
        self.file(&self.root.join("index.html"), headers).await
    }

    fn locate(&self, path: &str) -> Located {
        let Ok(path) = percent_decode_str(path).decode_utf8() else { return Located::Nowhere };
        if path.contains(['\0', '\\']) {
            return Located::Nowhere;
        }
        let mut file = self.root.clone();
        let mut depth = 0_usize;
        for component in Path::new(path.trim_start_matches('/')).components() {
            match component {
                Component::Normal(name) => {
                    let hidden = name.to_string_lossy().starts_with('.') && name != ".well-known";
                    if hidden {
                        return Located::Nowhere;
                    }
                    file.push(name);
                    depth += 1;
                }
                Component::ParentDir if depth == 0 => return Located::Forbidden,
                Component::ParentDir => {
                    file.pop();
                    depth -= 1;
                }
                _ => {}
            }
        }
        Located::At(file)
    }

    /// The file itself, or the index of a folder. A link that leads out of the root is none.
    async fn file(&self, path: &Path, request: &HeaderMap) -> Option<Response<ResponseBody>> {
        let mut path = tokio::fs::canonicalize(path).await.ok()?;
        if tokio::fs::metadata(&path).await.ok()?.is_dir() {
            path = tokio::fs::canonicalize(path.join("index.html")).await.ok()?;
        }
        if !path.starts_with(&self.root) {
            return None;
        }
        let file = File::open(&path).await.ok()?;
        let metadata = file.metadata().await.ok().filter(std::fs::Metadata::is_file)?;
        let validators = Validators::of(&metadata)?;
        send(file, content_type(&path), metadata.len(), &validators, request).await
    }
}

enum Located {
    At(PathBuf),
    Nowhere,
    Forbidden,
}

/// What caches compare.
struct Validators {
    etag: String,
    modified: std::time::SystemTime,
}

impl Validators {
    /// As @fastify/send: a weak tag of size and milliseconds.
    fn of(metadata: &std::fs::Metadata) -> Option<Self> {
        let modified = metadata.modified().ok()?;
        let millis = modified.duration_since(UNIX_EPOCH).ok()?.as_millis();
        Some(Self { etag: format!("W/\"{:x}-{millis:x}\"", metadata.len()), modified })
    }

    /// RFC 9110 section 13.2.2: `If-None-Match` decides where it is sent.
    fn is_known(&self, request: &HeaderMap) -> bool {
        let weak = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        if let Some(tags) = request.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok()) {
            return tags.split(',').any(|tag| tag.trim() == "*" || weak(tag) == weak(&self.etag));
        }
        let since = request.get(header::IF_MODIFIED_SINCE).and_then(|since| since.to_str().ok());
        since.and_then(|since| httpdate::parse_http_date(since).ok()).is_some_and(|since| {
            httpdate::HttpDate::from(self.modified) <= httpdate::HttpDate::from(since)
        })
    }

    /// RFC 9110 section 13.1.5; a weak tag never matches.
    fn allow_range(&self, request: &HeaderMap) -> bool {
        let Some(condition) = request.get(header::IF_RANGE) else { return true };
        let date = condition.to_str().ok().and_then(|date| httpdate::parse_http_date(date).ok());
        date.is_some_and(|date| {
            httpdate::HttpDate::from(date) == httpdate::HttpDate::from(self.modified)
        })
    }
}

async fn send(
    mut file: File,
    content_type: HeaderValue,
    length: u64,
    validators: &Validators,
    request: &HeaderMap,
) -> Option<Response<ResponseBody>> {
    let mut response = Response::new(ResponseBody::Whole(None));
    let headers = response.headers_mut();
    let modified = httpdate::fmt_http_date(validators.modified);
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=0"));
    headers.insert(header::LAST_MODIFIED, HeaderValue::from_str(&modified).ok()?);
    headers.insert(header::ETAG, HeaderValue::from_str(&validators.etag).ok()?);
    if validators.is_known(request) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Some(response);
    }
    headers.insert(header::CONTENT_TYPE, content_type);
    let range = request.get(header::RANGE).filter(|_| validators.allow_range(request));
    let (start, end) = match range.and_then(|range| Range::parse(range, length)) {
        None => (0, length),
        Some(Range::Unsatisfiable) => {
            let total = HeaderValue::from_str(&format!("bytes */{length}")).ok()?;
            headers.insert(header::CONTENT_RANGE, total);
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            return Some(response);
        }
        Some(Range::Bytes(start, end)) => {
            let part =
                HeaderValue::from_str(&format!("bytes {start}-{}/{length}", end - 1)).ok()?;
            headers.insert(header::CONTENT_RANGE, part);
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            (start, end)
        }
    };
    if start > 0 {
        file.seek(SeekFrom::Start(start)).await.ok()?;
    }
    let stream = ReaderStream::with_capacity(file.take(end - start), 64 * 1024);
    *response.body_mut() = ResponseBody::Stream(Box::pin(FileBody { stream, left: end - start }));
    Some(response)
}

enum Range {
    Bytes(u64, u64),
    Unsatisfiable,
}

impl Range {
    /// One range; several, or what is no range, mean the whole file.
    fn parse(value: &HeaderValue, length: u64) -> Option<Self> {
        let (first, last) = value.to_str().ok()?.strip_prefix("bytes=")?.split_once('-')?;
        let (first, last) = (first.trim(), last.trim());
        let (start, end) = match (first.parse::<u64>().ok(), last.parse::<u64>().ok()) {
            (Some(start), None) if last.is_empty() => (start, length),
            (Some(start), Some(last)) => (start, length.min(last.checked_add(1)?)),
            (None, Some(suffix)) if first.is_empty() => (length.saturating_sub(suffix), length),
            _ => return None,
        };
        Some(if start < end { Self::Bytes(start, end) } else { Self::Unsatisfiable })
    }
}

/// A part of a file, read while it is sent.
struct FileBody {
    stream: ReaderStream<Take<File>>,
    left: u64,
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<std::io::Result<Frame<Bytes>>>> {
        use futures_core::Stream;
        let this = self.get_mut();
        Pin::new(&mut this.stream).poll_next(context).map(|next| {
            next.map(|piece| {
                piece.map(|bytes| {
                    this.left = this.left.saturating_sub(bytes.len() as u64);
                    Frame::data(bytes)
                })
            })
        })
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// Text types get their charset, as the original's table has them.
fn content_type(path: &Path) -> HeaderValue {
    let guess = mime_guess::from_path(path).first_raw().unwrap_or("application/octet-stream");
    let text = match guess {
        "text/javascript" | "application/javascript" => {
            "application/javascript; charset=utf-8".into()
        }
        "application/json" => "application/json; charset=utf-8".into(),
        other if other.starts_with("text/") => format!("{other}; charset=utf-8"),
        other => other.to_owned(),
    };
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

fn forbidden() -> Response<ResponseBody> {
    let error = IOServerError::new("Forbidden", 403_u16).with_name("ForbiddenError");
    respond(error_reply(error, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(spa_fallback: bool) -> (tempfile::TempDir, StaticFiles) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("index.html"), "page").unwrap();
        std::fs::write(folder.path().join("range.bin"), "0123456789").unwrap();
        std::fs::write(folder.path().join(".env"), "secret").unwrap();
        let files = StaticFiles::open(folder.path(), spa_fallback).unwrap();
        (folder, files)
    }

    async fn get(files: &StaticFiles, path: &str, range: Option<&'static str>) -> Option<u16> {
        let mut headers = HeaderMap::new();
        if let Some(range) = range {
            headers.insert(header::RANGE, HeaderValue::from_static(range));
        }
        Some(files.serve(&Method::GET, path, &headers).await?.status().as_u16())
    }

    #[tokio::test]
    async fn what_leaves_the_root_is_refused_and_dot_files_do_not_exist() {
        let (_folder, files) = files(false);
        assert_eq!(get(&files, "/../etc/passwd", None).await, Some(403));
        assert_eq!(get(&files, "/..%2fpasswd", None).await, Some(403));
        assert_eq!(get(&files, "/.env", None).await, None);
        assert_eq!(get(&files, "/%2eenv", None).await, None);
        assert_eq!(get(&files, "/nope", None).await, None);
        assert_eq!(get(&files, "/", None).await, Some(200));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_link_that_leads_out_of_the_root_is_not_followed() {
        let (folder, files) = files(false);
        let outside = tempfile::NamedTempFile::new().unwrap();
        std::os::unix::fs::symlink(outside.path(), folder.path().join("link.txt")).unwrap();
        assert_eq!(get(&files, "/link.txt", None).await, None);
    }

    #[tokio::test]
    async fn ranges_are_parts_and_the_page_answers_what_nothing_else_does() {
        let (_folder, files) = files(true);
        assert_eq!(get(&files, "/range.bin", Some("bytes=2-5")).await, Some(206));
        assert_eq!(get(&files, "/range.bin", Some("bytes=99-")).await, Some(416));
        assert_eq!(get(&files, "/range.bin", Some("bytes=0-1,3-4")).await, Some(200));
        assert_eq!(get(&files, "/some/route", None).await, Some(200));
        assert!(files.serve(&Method::POST, "/some/route", &HeaderMap::new()).await.is_none());
    }
}
