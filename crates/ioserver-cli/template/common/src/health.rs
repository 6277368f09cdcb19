//! The health check of the container, which has no curl.

use std::{
    io::{Error, Read, Result, Write},
    net::TcpStream,
    time::Duration,
};

use app::Settings;

/// Asks the server of these settings, which is another process, whether it is well.
pub(crate) fn check(settings: &Settings) -> Result<()> {
    let mut stream = TcpStream::connect((settings.host.as_str(), settings.port))?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    match answer.lines().next() {
        Some(line) if line.starts_with("HTTP/1.1 200") => Ok(()),
        line => Err(Error::other(format!("/health answered {line:?}"))),
    }
}
