//! The client's bundles, as Node's Socket.IO serves them beside the engine.

use std::{fs, path::Path};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};

use crate::{IOServerError, Result, http::ResponseBody};

/// The files of a folder such as `node_modules/socket.io-client/dist`, read once.
pub(crate) struct ClientBundle {
    files: Vec<(String, Bytes)>,
    etag: HeaderValue,
}

const NAMES: [&str; 4] =
    ["socket.io.js", "socket.io.min.js", "socket.io.msgpack.min.js", "socket.io.esm.min.js"];

impl ClientBundle {
    /// Reads the bundles; the error names the folder and what it must be.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let wrong = |why: String| {
            let folder = folder.display();
            let message = format!(
                "`client_dir` `{folder}`: {why}; name the folder `dist` of the npm package socket.io-client"
            );
            IOServerError::new(message, 500_u16)
        };
        let manifest = folder.parent().unwrap_or(folder).join("package.json");
        let manifest = fs::read(&manifest).map_err(|error| wrong(error.to_string()))?;
        let manifest: serde_json::Value =
            serde_json::from_slice(&manifest).map_err(|error| wrong(error.to_string()))?;
        let version = manifest["version"].as_str().unwrap_or_default();
        let etag = HeaderValue::from_str(&format!("\"{version}\""))
            .map_err(|_| wrong("its version is no header value".into()))?;
        let names = NAMES.iter().flat_map(|name| [(*name).to_owned(), format!("{name}.map")]);
        let read = |name: String| Some((fs::read(folder.join(&name)).ok()?.into(), name));
        let files: Vec<_> = names.filter_map(read).map(|(bytes, name)| (name, bytes)).collect();
        if files.is_empty() {
            return Err(wrong("there is no bundle in it".into()));
        }
        Ok(Self { files, etag })
    }

    /// The bundle of this name, or 304 for a browser that has it.
    pub(crate) fn serve(&self, file: &str, request: &HeaderMap) -> Option<Response<ResponseBody>> {
        let (name, bytes) = self.files.iter().find(|(name, _)| name == file)?;
        if self.is_known(request) {
            let mut response = Response::new(ResponseBody::whole(None));
            *response.status_mut() = StatusCode::NOT_MODIFIED; // bare, as on Node
            return Some(response);
        }
        let mut response = Response::new(ResponseBody::whole(Some(bytes.clone())));
        let headers = response.headers_mut();
        headers.insert(header::ETAG, self.etag.clone());
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=0"));
        let kind =
            if name.ends_with(".map") { "application/json" } else { "application/javascript" };
        let kind = HeaderValue::from_str(&format!("{kind}; charset=utf-8")).ok()?;
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        Some(response)
    }

    fn is_known(&self, request: &HeaderMap) -> bool {
        let known = request.get(header::IF_NONE_MATCH).map(HeaderValue::as_bytes);
        known
            .is_some_and(|known| known.strip_prefix(b"W/").unwrap_or(known) == self.etag.as_bytes())
    }
}
