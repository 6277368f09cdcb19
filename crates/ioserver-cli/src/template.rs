//! The files of an app: `template/`, with a few names put in.

use crate::source::Source;

macro_rules! template {
    ($folder:literal: $($path:literal)*) => {
        &[$(($path, include_str!(concat!("../template/", $folder, "/", $path)))),*]
    };
}

type Files = &'static [(&'static str, &'static str)];

const COMMON: Files = template!("common":
    ".dockerignore"
    ".github/workflows/ci.yml"
    ".gitignore"
    "Dockerfile"
    "routes/public.json"
    "rustfmt.toml"
    "src/controllers/mod.rs"
    "src/controllers/public.rs"
    "src/health.rs"
    "src/managers/notes.rs"
    "src/settings.rs"
);

const WITH_OIDC: Files = template!("with-oidc":
    ".env.example"
    "Cargo.toml.in"
    "README.md"
    "examples/dev.rs"
    "routes/notes.json"
    "src/controllers/notes.rs"
    "src/lib.rs"
    "src/main.rs"
    "src/managers/mod.rs"
    "src/managers/session.rs"
    "src/managers/users.rs"
    "src/services/admin.rs"
    "src/services/mod.rs"
    "src/services/notes.rs"
    "tests/http.rs"
    "tests/sockets.rs"
    "tests/support/mod.rs"
);

const WITHOUT_OIDC: Files = template!("without-oidc":
    ".env.example"
    "Cargo.toml.in"
    "README.md"
    "routes/notes.json"
    "src/controllers/notes.rs"
    "src/lib.rs"
    "src/main.rs"
    "src/managers/mod.rs"
    "src/services/mod.rs"
    "src/services/notes.rs"
    "tests/notes.rs"
);

/// The files of an app, each with its path in the app's folder.
pub(crate) fn files(name: &str, oidc: bool, source: &Source) -> Vec<(&'static str, String)> {
    let own = if oidc { WITH_OIDC } else { WITHOUT_OIDC };
    let names = names(name, source);
    let fill = |(path, text): &(&'static str, &str)| {
        // Cargo would take a folder with a manifest out of the package that it stands in.
        let path = path.strip_suffix(".in").unwrap_or(path);
        let put = |text: String, (from, to): &(&str, String)| text.replace(from, to);
        (path, names.iter().fold((*text).to_owned(), put))
    };
    let lock = source.lock().map(|lock| ("Cargo.lock", lock));
    COMMON.iter().chain(own).map(fill).chain(lock).collect()
}

/// What stands for the marks in the files. No program has any, so that all of them are read,
/// formatted and compiled as they are.
fn names(name: &str, source: &Source) -> [(&'static str, String); 6] {
    [
        ("{{ioserver}}", source.dependency("ioserver")),
        ("{{ioserver-oidc}}", source.dependency("ioserver-oidc")),
        ("{{docker-checkout}}", docker_checkout(source)),
        ("{{docker-context}}", docker_context(source)),
        ("{{published}}\n", published(source)),
        ("{{name}}", name.to_owned()),
    ]
}

/// Puts a checkout's crates into the image at the path where the manifest looks for them.
fn docker_checkout(source: &Source) -> String {
    let Source::Checkout(checkout) = source else { return String::new() };
    let checkout = checkout.display();
    format!(
        "# The crates come from a checkout: docker build --build-context ioserver={checkout} .\n\
         COPY --from=ioserver [\"Cargo.toml\", \"{checkout}/Cargo.toml\"]\n\
         COPY --from=ioserver [\"crates\", \"{checkout}/crates\"]\n"
    )
}

fn docker_context(source: &Source) -> String {
    match source {
        Source::Checkout(checkout) => {
            format!("--build-context 'ioserver={}' ", checkout.display())
        }
        Source::Published => String::new(),
    }
}

/// What has to change before other machines can build an app of a checkout.
fn published(source: &Source) -> String {
    match source {
        Source::Checkout(_) => "\n## Elsewhere\n\n\
            The crates are those of a checkout on this machine. Once they are published, take `path` out of `Cargo.toml`, the two lines about the\n\
            checkout out of `Dockerfile`, and this section; before that, CI elsewhere cannot build the app.\n"
            .into(),
        Source::Published => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    fn below(folder: &Path, found: &mut BTreeSet<String>, root: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                below(&path, found, root);
            } else {
                found.insert(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }

    #[test]
    fn every_file_of_the_template_is_written() {
        let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("template");
        for (folder, files) in
            [("common", COMMON), ("with-oidc", WITH_OIDC), ("without-oidc", WITHOUT_OIDC)]
        {
            let (root, mut found) = (template.join(folder), BTreeSet::new());
            below(&root, &mut found, &root);
            let listed = files.iter().map(|(path, _)| (*path).to_owned()).collect();
            assert_eq!(found, listed, "{folder}");
        }
    }

    #[test]
    fn no_mark_is_left_in_a_file() {
        for oidc in [true, false] {
            for source in [Source::Published, Source::Checkout("/src/checkout".into())] {
                for (path, text) in files("my-app", oidc, &source) {
                    assert!(!text.contains("{{") || path.ends_with(".rs"), "{path}: {text}");
                }
            }
        }
    }

    #[test]
    fn programs_have_no_marks() {
        for (path, text) in COMMON.iter().chain(WITH_OIDC).chain(WITHOUT_OIDC) {
            let marks = names("my-app", &Source::Published);
            let marked = marks.iter().any(|(mark, _)| text.contains(mark.trim_end()));
            assert!(!marked || !path.ends_with(".rs"), "{path}");
        }
    }

    #[test]
    fn an_app_of_the_published_crates_knows_nothing_of_this_machine() {
        for (path, text) in files("my-app", true, &Source::Published) {
            assert!(!text.contains("checkout") || path.ends_with(".yml"), "{path}: {text}");
        }
    }
}
