//! Being written.

mod algorithm;
mod encoding;
mod error;
#[cfg_attr(not(test), expect(dead_code, reason = "the verifier that uses it is being written"))]
mod jwks;

pub use algorithm::Algorithm;
pub use error::OidcError;
pub use jwks::{
    CooldownFrom, JwksClient, JwksOptions, JwksSource, JwksState, JwksStatus, RetryPause,
};
