//! How much of the server one client may take.

use std::time::Duration;

/// Limits against strangers: clients that send too much, or too slowly.
///
/// Whoever exceeds one gets the status named here and a closed connection; nobody else notices.
/// There is no limit on how long an answer may take as a whole: long polls, streams and server-sent
/// events last as long as bytes flow or the server has none to send.
///
/// # Examples
///
/// ```
/// use ioserver::{IOServerOptions, Limits};
///
/// let limits = Limits { connections: 1_000, ..Limits::default() };
/// let options = IOServerOptions { limits, ..Default::default() };
/// assert_eq!(options.limits.header_fields, 100);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "built with `..Limits::default()`")]
pub struct Limits {
    /// Bytes of a request's line and headers, 32 KiB; more is 431. At least 8 KiB.
    ///
    /// Node, and so the original, has 16 KiB.
    #[doc(alias = "maxHeaderSize")]
    pub header_bytes: usize,
    /// Header fields of a request, 100; more is 431.
    pub header_fields: usize,
    /// Bytes of a request's target (path and query), 16 KiB; more is 414.
    pub url_bytes: usize,
    /// Characters of a path parameter, 200; a longer one matches no route, which is 404.
    #[doc(alias = "maxParamLength")]
    pub param_length: usize,
    /// From the first byte of a request to the last of its headers, 10 s; longer is 408.
    #[doc(alias = "headersTimeout")]
    pub header_read: Duration,
    /// Between two pieces of a request's body, 30 s; longer is 408.
    pub body_idle: Duration,
    /// For a request's whole body, from the moment it is first waited for, 5 min as in Node; longer
    /// is 408. Raise it where clients upload what takes longer.
    #[doc(alias = "requestTimeout")]
    pub body_read: Duration,
    /// From an answer to the next request of its connection, 72 s as in the original.
    #[doc(alias = "keepAliveTimeout")]
    pub keep_alive: Duration,
    /// How long a client may take none of the bytes that wait for it, 30 s. Then its connection
    /// is closed, a WebSocket as well.
    pub write_idle: Duration,
    /// Connections at a time, 20,000, WebSockets included; one more is answered with 503. So many
    /// Socket.IO sessions may have begun on polling as well, since they outlive connections. An
    /// operating system's limit on open files may be lower (`ulimit -n`).
    #[doc(alias = "maxConnections")]
    pub connections: usize,
    /// Connections at a time of one client, without a limit; one more is answered with 503.
    ///
    /// A client is an address of IPv4 or the first 64 bits of one of IPv6, as the connection comes
    /// from: behind a proxy all clients are one, so leave this as it is and set the proxy's own
    /// limit. Without a proxy 100 is generous for a browser, but a company may be one address.
    pub connections_per_client: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_bytes: 32 * 1024,
            header_fields: 100,
            url_bytes: 16 * 1024,
            param_length: 200,
            header_read: Duration::from_secs(10),
            body_idle: Duration::from_secs(30),
            body_read: Duration::from_secs(300),
            keep_alive: Duration::from_secs(72),
            write_idle: Duration::from_secs(30),
            connections: 20_000,
            connections_per_client: usize::MAX,
        }
    }
}
