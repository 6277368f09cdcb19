#![doc = include_str!("../README.md")]

mod admin;
mod algorithm;
mod authenticate;
mod config;
mod encoding;
mod environment;
mod error;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod http;
mod json;
mod jwks;
mod manager;
mod provision;
mod refusal;
mod socket;
#[cfg(feature = "testing")]
pub mod testing;
mod user;
mod verify;

pub use self::http::OidcHttpMiddleware;
pub use admin::OidcSocketAdminMiddleware;
pub use algorithm::Algorithm;
pub use async_trait::async_trait;
pub use config::{OidcConfig, OutageAnswer, Profile, UsersWithoutDirectory};
pub use error::OidcError;
pub use jwks::{
    CooldownFrom, JwksClient, JwksOptions, JwksSource, JwksState, JwksStatus, RetryPause,
};
pub use manager::{ConfigSource, OidcConfigManager};
pub use provision::{LocalUser, SessionRegistry, UserDirectory};
pub use socket::OidcSocketMiddleware;
pub use user::{Claim, ClaimList, OidcFeatures, OidcUserContext, UserRole};
pub use verify::{TokenFault, verify_oidc_token};
