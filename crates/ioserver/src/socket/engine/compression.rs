//! Compression of polling answers, as Engine.IO for Node does it.

use std::io::Write;

use bytes::Bytes;
use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};
use http::{HeaderMap, HeaderValue, header};

/// Smaller answers are sent as they are.
const THRESHOLD: usize = 1024;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Coding {
    Gzip,
    /// RFC 9110 section 8.4.1.2: the zlib format, in spite of its name.
    Deflate,
}

impl Coding {
    const ALL: [(&'static str, Self); 2] = [("gzip", Self::Gzip), ("deflate", Self::Deflate)];

    /// What the client likes most of what we have; what it names first among equals.
    fn accepted(request: &HeaderMap) -> Option<Self> {
        let fields = request.get_all(header::ACCEPT_ENCODING).iter();
        let fields = fields.filter_map(|field| field.to_str().ok());
        let mut best = None;
        for entry in fields.flat_map(|field| field.split(',')) {
            let mut parts = entry.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let meant = |known: &str| name == "*" || known.eq_ignore_ascii_case(name);
            let known = Self::ALL.iter().find(|(known, _)| meant(known));
            let Some(&(_, coding)) = known else { continue };
            let weight = parts.find_map(|part| part.strip_prefix("q="));
            let weight = weight.map_or(1.0, |weight| weight.parse::<f32>().unwrap_or_default());
            if weight > best.map_or(0.0, |(_, best)| best) {
                best = Some((coding, weight));
            }
        }
        best.map(|(coding, _)| coding)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
        }
    }

    fn encode(self, body: &[u8]) -> std::io::Result<Vec<u8>> {
        let (buffer, level) = (Vec::with_capacity(body.len() / 4), Compression::fast());
        match self {
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
    let Some(coding) = Coding::accepted(request) else { return body };
    let Ok(encoded) = coding.encode(&body) else { return body };
    response.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    response.remove(header::CONTENT_LENGTH);
    encoded.into()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn accepted(field: &'static str) -> Option<Coding> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(field));
        Coding::accepted(&headers)
    }

    #[test]
    fn the_coding_is_what_the_client_likes_most() {
        assert_eq!(accepted("gzip, deflate, br"), Some(Coding::Gzip));
        assert_eq!(accepted("deflate, gzip"), Some(Coding::Deflate));
        assert_eq!(accepted("gzip;q=0.1, Deflate; q=0.5"), Some(Coding::Deflate));
        assert_eq!(accepted("*"), Some(Coding::Gzip));
        assert_eq!(accepted("gzip;q=0, br"), None);
        assert_eq!(accepted("identity"), None);
        assert_eq!(Coding::accepted(&HeaderMap::new()), None);
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
