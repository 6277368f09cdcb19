//! `ioserver new my-app`: a small app to begin with.

mod arguments;
mod name;
mod source;
mod template;

use std::{fs, path::Path, process::ExitCode};

use arguments::{Command, New};
use source::Source;

/// What went wrong and what to do, for the terminal.
type Result<T> = std::result::Result<T, String>;

fn main() -> ExitCode {
    match run() {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("ioserver: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<String> {
    match arguments::read(std::env::args_os().skip(1))? {
        Command::Help => Ok(arguments::HELP.trim_end().into()),
        Command::Version => Ok(format!("ioserver {}", env!("CARGO_PKG_VERSION"))),
        Command::New(new) => write(&new),
    }
}

/// Writes the app, and says what to try.
fn write(new: &New) -> Result<String> {
    name::check(&new.name)?;
    let source = Source::find(new.published)?;
    let files = template::files(&new.name, new.oidc, &source);
    let folder = new.folder.as_path();
    make_folder(folder)?;
    for (path, text) in files {
        let file = folder.join(path);
        let written = file.parent().map_or(Ok(()), fs::create_dir_all);
        written.and_then(|()| fs::write(&file, text)).map_err(|error| {
            let (file, folder) = (file.display(), folder.display());
            format!("cannot write `{file}`: {error}; `{folder}` is not whole, remove it")
        })?;
    }
    let run = if new.oidc { "cargo run --example dev" } else { "cargo run" };
    let folder = folder.display();
    Ok(format!("Wrote {folder}, with {source}. Next:\n\n  cd {folder}\n  {run}\n  cargo test"))
}

/// Makes the app's folder, which must be new: nothing is ever overwritten.
fn make_folder(folder: &Path) -> Result<()> {
    let parent = folder.parent().map_or(Ok(()), fs::create_dir_all);
    parent.and_then(|()| fs::create_dir(folder)).map_err(|error| {
        let shown = folder.display();
        match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                format!("`{shown}` is there already; choose another name, or remove it")
            }
            _ => format!("cannot make the folder `{shown}`: {error}"),
        }
    })
}
