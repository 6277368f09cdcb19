//! Compression of polling answers and of the client's bundles, as Node's Socket.IO does it.

use std::io::{self, Write};

use brotli::CompressorWriter;
use bytes::Bytes;
use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};
use http::{HeaderMap, HeaderValue, header};

/// Smaller answers are sent as they are.
const THRESHOLD: usize = 1024;

/// The window of brotli, as a power of two. RFC 7932 section 9.1.
const WINDOW: u32 = 22;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Coding {
    Brotli,
    Gzip,
    /// RFC 9110 section 8.4.1.2: the zlib format, in spite of its name.
    Deflate,
}

impl Coding {
    /// Those of polling answers, the best one first.
    const POLLING: &'static [Self] = &[Self::Gzip, Self::Deflate];
    /// Those of files that are packed once.
    pub(super) const FILES: &'static [Self] = &[Self::Brotli, Self::Gzip, Self::Deflate];

    /// What the client likes most of these; what it names first among equals.
    pub(super) fn accepted(request: &HeaderMap, offered: &[Self]) -> Option<Self> {
        let fields = request.get_all(header::ACCEPT_ENCODING).iter();
        let fields = fields.filter_map(|field| field.to_str().ok());
        let mut best = None;
        for entry in fields.flat_map(|field| field.split(',')) {
            let mut parts = entry.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let meant = |known: &str| name == "*" || known.eq_ignore_ascii_case(name);
            let known = offered.iter().find(|coding| meant(coding.name()));
            let Some(&coding) = known else { continue };
            let weight = parts.find_map(|part| part.strip_prefix("q="));
            let weight = weight.map_or(1.0, |weight| weight.parse::<f32>().unwrap_or_default());
            if weight > best.map_or(0.0, |(_, best)| best) {
                best = Some((coding, weight));
            }
        }
        best.map(|(coding, _)| coding)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
        }
    }

    pub(super) fn encode(self, body: &[u8], level: Compression) -> io::Result<Vec<u8>> {
        let buffer = Vec::with_capacity(body.len() / 4);
        match self {
            Self::Brotli => {
                let mut encoder = CompressorWriter::new(buffer, 4096, level.level(), WINDOW);
                encoder.write_all(body)?;
                Ok(encoder.into_inner())
            }
            Self::Gzip => {
                let mut encoder = GzEncoder::new(buffer, level);
                encoder.write_all(body)?;
                encoder.finish()
            }
            Self::Deflate => {
                let mut encoder = ZlibEncoder::new(buffer, level);
                encoder.write_all(body)?;
                encoder.finish()
            }
        }
    }
}

/// The body in a form that the client accepts, with the header that says so.
pub(super) fn compress(body: Bytes, request: &HeaderMap, response: &mut HeaderMap) -> Bytes {
    if body.len() < THRESHOLD {
        return body;
    }
    let Some(coding) = Coding::accepted(request, Coding::POLLING) else { return body };
    let Ok(encoded) = coding.encode(&body, Compression::fast()) else { return body };
    response.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    response.remove(header::CONTENT_LENGTH);
    encoded.into()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn accepted_of(offered: &[Coding], field: &'static str) -> Option<Coding> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(field));
        Coding::accepted(&headers, offered)
    }

    fn accepted(field: &'static str) -> Option<Coding> {
        accepted_of(Coding::POLLING, field)
    }

    #[test]
    fn the_coding_is_what_the_client_likes_most() {
        assert_eq!(accepted("gzip, deflate, br"), Some(Coding::Gzip));
        assert_eq!(accepted("deflate, gzip"), Some(Coding::Deflate));
        assert_eq!(accepted("gzip;q=0.1, Deflate; q=0.5"), Some(Coding::Deflate));
        assert_eq!(accepted("*"), Some(Coding::Gzip));
        assert_eq!(accepted("gzip;q=0, br"), None);
        assert_eq!(accepted("identity"), None);
        assert_eq!(Coding::accepted(&HeaderMap::new(), Coding::POLLING), None);
        for (field, coding) in [
            ("gzip, deflate, br, zstd", Some(Coding::Gzip)),
            ("gzip;q=0.5, br", Some(Coding::Brotli)),
            ("*", Some(Coding::Brotli)),
            ("identity", None),
        ] {
            assert_eq!(accepted_of(Coding::FILES, field), coding, "{field}");
        }
    }

    #[test]
    fn long_bodies_are_compressed_and_short_ones_are_not() {
        let mut request = HeaderMap::new();
        request.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("deflate"));
        let mut response = HeaderMap::new();
        let short = Bytes::from(vec![b'a'; 1023]);
        assert_eq!(compress(short.clone(), &request, &mut response), short);
        assert!(response.is_empty());
        let long = Bytes::from(vec![b'a'; 1024]);
        let encoded = compress(long.clone(), &request, &mut response);
        assert_eq!(response[header::CONTENT_ENCODING], "deflate");
        let mut decoded = Vec::new();
        flate2::read::ZlibDecoder::new(&*encoded).read_to_end(&mut decoded).unwrap();
        assert_eq!(decoded, long);
    }
}
