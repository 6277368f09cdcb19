//! The time as JavaScript writes it.

use std::time::SystemTime;

/// Such as `2026-11-24T13:26:17.123Z`.
pub(crate) fn now() -> String {
    humantime::format_rfc3339_millis(SystemTime::now()).to_string()
}
