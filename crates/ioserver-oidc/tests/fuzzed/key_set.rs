//! An answer of a key endpoint. No key that is taken from it accepts a signature that anybody can
//! make.

pub(crate) fn run(bytes: &[u8]) {
    let _ = ioserver_oidc::fuzzing::key_set(bytes);
}
