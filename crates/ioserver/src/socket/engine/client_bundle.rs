//! The client's bundles, as Node's Socket.IO serves them beside the engine.

use std::{
    fs,
    path::Path,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use flate2::Compression;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};

use super::compression::Coding;
use crate::{IOServerError, Result, http::ResponseBody};

/// The files of a folder such as `node_modules/socket.io-client/dist`, read once.
pub(crate) struct ClientBundle {
    files: Vec<Arc<File>>,
    etag: HeaderValue,
}

struct File {
    name: String,
    plain: Bytes,
    /// In the codings that were asked for, in the order of [`Coding::FILES`].
    packed: [OnceLock<Bytes>; Coding::FILES.len()],
}

impl File {
    fn packed(&self, coding: Coding) -> Option<Bytes> {
        let place = self.place(coding)?;
        if let Some(packed) = place.get() {
            return Some(packed.clone());
        }
        let packed = coding.encode(&self.plain, Compression::default()).ok()?.into();
        Some(place.get_or_init(|| packed).clone())
    }

    fn place(&self, coding: Coding) -> Option<&OnceLock<Bytes>> {
        let mut places = Coding::FILES.iter().zip(&self.packed);
        places.find(|(offered, _)| **offered == coding).map(|(_, place)| place)
    }

    /// The file in the coding that the client likes most; packed once, and not where requests are
    /// served.
    async fn body(self: &Arc<Self>, request: &HeaderMap) -> (Bytes, Option<Coding>) {
        let accepted = Coding::accepted(request, Coding::FILES);
        let Some(coding) = accepted else { return (self.plain.clone(), None) };
        let ready = self.place(coding).and_then(|place| place.get().cloned());
        let packed = match ready {
            Some(packed) => Some(packed),
            None => {
                let file = Arc::clone(self);
                tokio::task::spawn_blocking(move || file.packed(coding)).await.ok().flatten()
            }
        };
        packed.map_or_else(|| (self.plain.clone(), None), |packed| (packed, Some(coding)))
    }
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
        let read = |name: String| {
            let plain = fs::read(folder.join(&name)).ok()?.into();
            Some(Arc::new(File { name, plain, packed: Default::default() }))
        };
        let files: Vec<_> = names.filter_map(read).collect();
        if files.is_empty() {
            return Err(wrong("there is no bundle in it".into()));
        }
        Ok(Self { files, etag })
    }

    /// The bundle of this name, or 304 for a browser that has it.
    pub(crate) async fn serve(
        &self,
        file: &str,
        request: &HeaderMap,
    ) -> Option<Response<ResponseBody>> {
        let file = self.files.iter().find(|known| known.name == file)?;
        if self.is_known(request) {
            let mut response = Response::new(ResponseBody::whole(None));
            *response.status_mut() = StatusCode::NOT_MODIFIED; // bare, as on Node
            return Some(response);
        }
        let (body, coding) = file.body(request).await;
        let mut response = Response::new(ResponseBody::whole(Some(body)));
        let headers = response.headers_mut();
        headers.insert(header::ETAG, self.etag.clone());
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=0"));
        if let Some(coding) = coding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
            // Node sends no `Vary`. RFC 9110 section 12.5.5: no cache may give this to others.
            headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        }
        let kind =
            if file.name.ends_with(".map") { "application/json" } else { "application/javascript" };
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
