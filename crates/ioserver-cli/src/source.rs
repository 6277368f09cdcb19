//! Where the app's crates come from.

use std::{fmt, path::PathBuf};

use crate::Result;

/// The crates of the app: of a checkout, or of the registry.
#[derive(Debug)]
pub(crate) enum Source {
    Checkout(PathBuf),
    Published,
}

impl Source {
    /// The checkout that this program was built in, if it is still there.
    pub(crate) fn find(published: bool) -> Result<Self> {
        let checkout = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        if published || !checkout.join("crates/ioserver/Cargo.toml").is_file() {
            return Ok(Self::Published);
        }
        let whole = checkout.canonicalize();
        whole.map(Self::Checkout).map_err(|error| {
            let checkout = checkout.display();
            format!("cannot tell where the checkout `{checkout}` is: {error}; try `--published`")
        })
    }

    /// The versions that the checkout is tested with, so that its apps build without a network, too.
    pub(crate) fn lock(&self) -> Option<String> {
        match self {
            Self::Checkout(checkout) => std::fs::read_to_string(checkout.join("Cargo.lock")).ok(),
            Self::Published => None,
        }
    }

    /// A dependency's keys in a manifest.
    pub(crate) fn dependency(&self, name: &str) -> String {
        let version = env!("CARGO_PKG_VERSION");
        match self {
            Self::Published => format!("version = \"{version}\""),
            Self::Checkout(checkout) => {
                let path = checkout.join("crates").join(name);
                format!("version = \"{version}\", path = {}", toml_text(&path.to_string_lossy()))
            }
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checkout(checkout) => write!(f, "the crates of {}", checkout.display()),
            Self::Published => {
                write!(f, "the published crates of version {}", env!("CARGO_PKG_VERSION"))
            }
        }
    }
}

/// A basic string of TOML.
fn toml_text(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            control if control.is_control() => {
                quoted.push_str(&format!("\\U{:08X}", u32::from(control)));
            }
            plain => quoted.push(plain),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkout_is_a_path_and_the_version_stays_for_the_day_it_is_published() {
        let source = Source::Checkout("/src/a \"b\" \\ c".into());
        let keys = source.dependency("ioserver");
        assert!(keys.starts_with("version = \"0."), "{keys}");
        assert!(keys.ends_with(r#"path = "/src/a \"b\" \\ c/crates/ioserver""#), "{keys}");
        assert!(!Source::Published.dependency("ioserver").contains("path"));
    }

    #[test]
    fn this_program_knows_its_checkout() {
        assert!(matches!(Source::find(false), Ok(Source::Checkout(_))));
        assert!(matches!(Source::find(true), Ok(Source::Published)));
    }
}
