//! Session ids that cannot be made from a socket's id.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{IOServerError, Result};

/// The secret behind the session ids that clients on polling present.
///
/// `socket.id` is the engine's own session id, which applications publish. On the wire a session id
/// is therefore that id and a MAC over it, so that whoever knows another's `socket.id` can neither
/// poll nor post to nor upgrade that session. Each process makes its own key; nodes behind one
/// address share one.
///
/// # Examples
///
/// ```
/// use ioserver::{SessionKey, SocketOptions};
///
/// # let secret = [7; 32];
/// let options = SocketOptions { session_key: Some(SessionKey::new(secret)?), ..Default::default() };
/// # Ok::<(), ioserver::IOServerError>(())
/// ```
#[derive(Clone)]
pub struct SessionKey {
    mac: Hmac<Sha256>,
}

/// The length of the engine's ids.
const ID: usize = 16;
/// 128 bits of the MAC: RFC 2104 section 5 wants at least half of its output.
const TAG: usize = 16;
/// `TAG` bytes in base64 without padding.
const TAG_TEXT: usize = 22;

impl SessionKey {
    /// Takes a secret of at least 32 bytes, from a random source.
    ///
    /// # Errors
    ///
    /// If it is shorter.
    pub fn new(secret: impl AsRef<[u8]>) -> Result<Self> {
        let secret = secret.as_ref();
        if secret.len() < 32 {
            let message = "`session_key` is shorter than 32 bytes: take them from a random source";
            return Err(IOServerError::new(message, 500_u16));
        }
        Self::keyed(secret)
    }

    /// A key of this process alone.
    pub(crate) fn random() -> Result<Self> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|error| {
            let message = format!("the system has no random bytes for the session ids: {error}");
            IOServerError::new(message, 500_u16)
        })?;
        Self::keyed(&secret)
    }

    fn keyed(secret: &[u8]) -> Result<Self> {
        let mac = Hmac::new_from_slice(secret).map_err(IOServerError::internal)?;
        Ok(Self { mac })
    }

    /// What a client has to present for the engine's id.
    pub(crate) fn present(&self, id: &str) -> String {
        let tag = self.tagged(id).finalize().into_bytes();
        let mut text = String::with_capacity(ID + TAG_TEXT);
        text.push_str(id);
        BASE64_URL_SAFE_NO_PAD.encode_string(&tag[..TAG], &mut text);
        text
    }

    /// The engine's id in what a client presents, if the MAC is ours. Compared in constant time.
    pub(crate) fn verify<'a>(&self, presented: &'a str) -> Option<&'a str> {
        let (id, tag) = presented.split_at_checked(ID)?;
        // Not ours, or not in the engine's alphabet: neither reaches the engine.
        let of_engine = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if tag.len() != TAG_TEXT || !id.bytes().all(of_engine) {
            return None;
        }
        let tag = BASE64_URL_SAFE_NO_PAD.decode(tag).ok()?;
        self.tagged(id).verify_truncated_left(&tag).ok()?;
        Some(id)
    }

    fn tagged(&self, id: &str) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        mac.update(b"ioserver session id "); // the key may have other uses
        mac.update(id.as_bytes());
        mac
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionKey").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "AAAAAAAAAAAAAAHs";

    #[test]
    fn only_what_this_key_made_is_let_in() {
        let key = SessionKey::random().unwrap();
        let presented = key.present(ID);
        assert_eq!(key.verify(&presented), Some(ID));
        assert_eq!(SessionKey::random().unwrap().verify(&presented), None);
        assert_eq!(key.verify(ID), None);
        for position in 0..presented.len() {
            let mut forged = presented.clone().into_bytes();
            forged[position] = if forged[position] == b'x' { b'y' } else { b'x' };
            let forged = String::from_utf8(forged).unwrap();
            // The last letter holds two bits that belong to no byte: those spellings are refused.
            assert_eq!(key.verify(&forged), None, "{position}");
        }
        for cut in 0..presented.len() {
            assert_eq!(key.verify(&presented[..cut]), None);
        }
        assert_eq!(key.verify(&format!("{presented}A")), None);
        assert_eq!(key.verify(&"é".repeat(19)), None);
    }

    #[test]
    fn nodes_that_share_a_secret_let_in_each_others_ids() {
        let (one, other) = (SessionKey::new([7; 32]).unwrap(), SessionKey::new([7; 32]).unwrap());
        assert_eq!(other.verify(&one.present(ID)), Some(ID));
        assert!(SessionKey::new([7; 31]).is_err());
        assert!(!format!("{one:?}").contains('7'));
    }
}
