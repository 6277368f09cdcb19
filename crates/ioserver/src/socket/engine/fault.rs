//! Why a client's connection is closed for what it sent.

use crate::DisconnectReason;

/// What a client did wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::socket) enum Fault {
    /// It is no packet of Engine.IO.
    NoPacket,
    /// A ping, which only servers send.
    Heartbeat,
    /// It is no packet of Socket.IO, or one for a namespace in which the client is not.
    Payload,
    /// A frame that WebSocket does not allow.
    Frame,
    /// A message above the limit.
    TooLong,
    /// A request that breaks off, is of another kind, or comes while another one does.
    Request,
}

impl Fault {
    /// What Node's Socket.IO says of it.
    pub(in crate::socket) fn reason(self) -> DisconnectReason {
        match self {
            Self::NoPacket => DisconnectReason::ParseError,
            Self::Payload => DisconnectReason::ForcedClose,
            Self::Heartbeat | Self::Frame | Self::TooLong | Self::Request => {
                DisconnectReason::TransportError
            }
        }
    }

    /// The status with which the WebSocket is closed. RFC 6455 section 7.4.1.
    pub(super) fn close_code(self) -> Option<u16> {
        match self {
            Self::Frame => Some(1002),
            Self::TooLong => Some(1009),
            _ => None,
        }
    }
}
