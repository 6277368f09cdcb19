//! The log: eight levels, stderr up to [`LogLevel::Warning`] and stdout above.

use std::{fmt, io::Write, str::FromStr};

use crate::{IOServerError, Result};

/// How much a server says. Ordered: `Emergency` is the least.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
#[expect(missing_docs, reason = "the names of syslog's severities, RFC 5424 section 6.2.1")]
#[expect(clippy::exhaustive_enums, reason = "RFC 5424 has these eight")]
pub enum LogLevel {
    Emergency,
    Alert,
    Critical,
    #[default]
    Error,
    Warning,
    Notification,
    Information,
    Debug,
}

impl LogLevel {
    const NAMES: [(&'static str, Self); 8] = [
        ("EMERGENCY", Self::Emergency),
        ("ALERT", Self::Alert),
        ("CRITICAL", Self::Critical),
        ("ERROR", Self::Error),
        ("WARNING", Self::Warning),
        ("NOTIFICATION", Self::Notification),
        ("INFORMATION", Self::Information),
        ("DEBUG", Self::Debug),
    ];

    /// The level's name as the original writes it, such as `WARNING`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::NAMES[self as usize].0
    }

    pub(crate) fn write(self, text: &dyn fmt::Display) {
        // A closed pipe must not end the server, so errors are dropped here.
        let _ = if self <= Self::Warning {
            writeln!(std::io::stderr().lock(), "{text}")
        } else {
            writeln!(std::io::stdout().lock(), "{text}")
        };
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The levels of the original's `log(level, text)`, from 0 for `Emergency` to 7 for `Debug`.
///
/// ```
/// use ioserver::LogLevel;
///
/// assert_eq!(LogLevel::try_from(6).unwrap(), LogLevel::Information);
/// assert!(LogLevel::try_from(8).is_err());
/// ```
impl TryFrom<u8> for LogLevel {
    type Error = IOServerError;

    fn try_from(level: u8) -> Result<Self> {
        let known = Self::NAMES.get(usize::from(level)).map(|(_, level)| *level);
        known.ok_or_else(|| {
            IOServerError::new(format!("log level {level} is none of 0 to 7"), 500_u16)
        })
    }
}

/// Never fails: case does not matter, and an unknown name is `Error`, as in the original.
impl FromStr for LogLevel {
    type Err = IOServerError;

    fn from_str(name: &str) -> Result<Self> {
        let known = Self::NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        Ok(known.map_or(Self::Error, |(_, level)| *level))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_any_case_and_unknown_ones_mean_error() {
        let read = |name: &str| name.parse::<LogLevel>().unwrap();
        assert_eq!(read("information"), LogLevel::Information);
        assert_eq!(read("DEBUG").as_str(), "DEBUG");
        assert_eq!(read("nonsense"), LogLevel::Error);
    }
}
