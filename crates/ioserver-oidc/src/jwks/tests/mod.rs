//! The tests of the key side. What needs an endpoint has a real one on loopback.

mod endpoint;
mod floods;
mod keys;
mod minter;
mod outages;
mod policy;
mod rotation;
mod sets;
mod wycheproof;
