//! The command line.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use crate::Result;

pub(crate) const HELP: &str = "\
Writes a small IOServer app that builds, passes its tests and runs in a container.

Usage: ioserver new PATH [options]

  PATH             the app's folder, which must not exist; its last part is the app's name

Options:
  --name NAME      another name than the folder's
  --without-oidc   an app that lets in anyone, without access tokens
  --published      depend on the published crates, although this program is of a checkout

  ioserver --help, ioserver --version
";

#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Command {
    Help,
    Version,
    New(New),
}

#[derive(Debug, Eq, PartialEq)]
pub(crate) struct New {
    pub(crate) folder: PathBuf,
    pub(crate) name: String,
    pub(crate) oidc: bool,
    pub(crate) published: bool,
}

/// Reads the arguments after the program's name.
pub(crate) fn read(arguments: impl Iterator<Item = OsString>) -> Result<Command> {
    let mut arguments = arguments.map(text);
    match arguments.next().transpose()?.as_deref() {
        None | Some("--help" | "-h" | "help") => Ok(Command::Help),
        Some("--version" | "-V") => Ok(Command::Version),
        Some("new") => read_new(arguments),
        Some(other) => Err(unknown(other)),
    }
}

fn read_new(mut arguments: impl Iterator<Item = Result<String>>) -> Result<Command> {
    let (mut folder, mut name, mut oidc, mut published) = (None, None, true, false);
    while let Some(argument) = arguments.next().transpose()? {
        match argument.as_str() {
            "--help" | "-h" => return Ok(Command::Help),
            "--without-oidc" => oidc = false,
            "--published" => published = true,
            "--name" => {
                let next = arguments.next().transpose()?;
                name = Some(next.ok_or("`--name` wants the app's name behind it")?);
            }
            option if option.starts_with('-') => return Err(unknown(option)),
            path if folder.is_none() => folder = Some(PathBuf::from(path)),
            path => return Err(format!("one app at a time: what is `{path}`?")),
        }
    }
    let folder = folder.ok_or("`new` wants the app's folder: ioserver new my-app")?;
    let name = name.map_or_else(|| last_part(&folder), Ok)?;
    Ok(Command::New(New { folder, name, oidc, published }))
}

fn last_part(folder: &Path) -> Result<String> {
    let last = folder.file_name().and_then(|name| name.to_str()).map(str::to_owned);
    last.ok_or_else(|| format!("`{}` does not end in a name", folder.display()))
}

fn text(argument: OsString) -> Result<String> {
    argument.into_string().map_err(|bytes| format!("`{}` is no UTF-8", bytes.display()))
}

fn unknown(argument: &str) -> String {
    format!("there is no `{argument}`; `ioserver --help` lists what there is")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_line(line: &str) -> Result<Command> {
        read(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn the_last_part_of_the_path_is_the_name_unless_another_is_given() {
        let new = |line| match read_line(line) {
            Ok(Command::New(new)) => (new.folder.display().to_string(), new.name),
            other => panic!("{other:?}"),
        };
        assert_eq!(new("new my-app"), ("my-app".into(), "my-app".into()));
        assert_eq!(new("new ../apps/my-app/"), ("../apps/my-app/".into(), "my-app".into()));
        assert_eq!(new("new here --name my-app"), ("here".into(), "my-app".into()));
    }

    #[test]
    fn apps_have_oidc_and_the_checkout_unless_they_are_told_otherwise() {
        let flags = |line| match read_line(line) {
            Ok(Command::New(new)) => (new.oidc, new.published),
            other => panic!("{other:?}"),
        };
        assert_eq!(flags("new my-app"), (true, false));
        assert_eq!(flags("new --published --without-oidc my-app"), (false, true));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (line, named) in [
            ("make my-app", "`make`"),
            ("new", "ioserver new my-app"),
            ("new my-app --with-oidc", "`--with-oidc`"),
            ("new my-app other", "`other`"),
            ("new my-app --name", "`--name`"),
            ("new ..", "`..`"),
        ] {
            let error = read_line(line).unwrap_err();
            assert!(error.contains(named), "{line}: {error}");
        }
    }
}
