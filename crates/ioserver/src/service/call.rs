//! One event on its way to a method, and the answer on its way back.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, IgnoredAny, SeqAccess, Visitor},
};
use socketioxide::{extract::Data, handler::FromMessageParts};
use socketioxide_core::Value as Packet;

use super::Payload;
use crate::{Ack, AppHandle, DisconnectReason, IOServerError, Result, Socket};

/// One event on its way to a method.
pub struct Call {
    socket: Socket,
    app: AppHandle,
    packet: Packet,
    arguments_taken: usize,
    ack: Ack,
}

impl Call {
    pub(crate) fn new(socket: Socket, app: &AppHandle, packet: Packet, ack: Option<i64>) -> Self {
        let ack = Ack::new(socket.engine(), ack);
        Self { socket, app: app.clone(), packet, arguments_taken: 0, ack }
    }

    /// A call of the service's `disconnect` or `disconnecting`.
    pub(crate) fn lifecycle(
        event: &'static str,
        socket: Socket,
        app: &AppHandle,
        reason: DisconnectReason,
    ) -> Self {
        let packet = format!("[\"{event}\",\"{reason}\"]");
        Self::new(socket, app, Packet::Str(packet.into(), None), None)
    }

    /// The client that sent the event.
    #[must_use]
    pub fn socket(&self) -> &Socket {
        &self.socket
    }

    /// The server's handle.
    #[must_use]
    pub fn app(&self) -> &AppHandle {
        &self.app
    }

    /// The client's callback, if it passed one.
    #[must_use]
    pub fn ack(&self) -> &Ack {
        &self.ack
    }

    /// Takes the next argument of the event. One that the client left out reads as `null`.
    ///
    /// # Errors
    ///
    /// A 400 if the argument is no `T`.
    pub fn argument<T: DeserializeOwned>(&mut self) -> Result<T> {
        let index = self.arguments_taken;
        self.arguments_taken += 1;
        let argument = match index {
            0 => self.nth::<0, T>(),
            1 => self.nth::<1, T>(),
            2 => self.nth::<2, T>(),
            3 => self.nth::<3, T>(),
            4 => self.nth::<4, T>(),
            _ => return Err(IOServerError::new("a method takes at most five arguments", 500)),
        };
        argument.map_err(|error| bad_payload(&error))
    }

    /// Takes all arguments of the event.
    ///
    /// # Errors
    ///
    /// A 400 if there is something among them that is neither JSON nor binary data.
    pub fn arguments(&mut self) -> Result<Vec<Payload>> {
        let packet = &mut self.packet;
        let all = Data::<All>::from_message_parts(self.socket.engine(), packet, &None);
        all.map(|all| all.0.0).map_err(|error| bad_payload(&error.to_string()))
    }

    fn nth<const N: usize, T: DeserializeOwned>(&mut self) -> Result<T, String> {
        let packet = &mut self.packet;
        let found = Data::<Nth<N, T>>::from_message_parts(self.socket.engine(), packet, &None);
        match found.map_err(|error| error.to_string())?.0.value {
            Some(value) => Ok(value),
            None => T::deserialize(serde_json::Value::Null).map_err(|_| "is missing".to_owned()),
        }
    }

    /// Tells the client: the ack if it asked for one, else an `error` event.
    pub(crate) fn fail(&self, error: &IOServerError) {
        let payload = error.socket_payload();
        if self.ack.is_requested() {
            self.ack.send(&(payload,)); // in vain if the method has answered
        } else {
            let _ = self.socket.emit("error", &payload); // a client that has gone hears nothing
        }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("socket", &self.socket)
            .field("ack", &self.ack)
            .finish_non_exhaustive()
    }
}

fn bad_payload(error: &str) -> IOServerError {
    IOServerError::new(format!("invalid payload: {error}"), 400)
}

/// The argument number `N` of an event or of an ack, if the client sent so many.
pub(crate) struct Nth<const N: usize, T> {
    pub(crate) value: Option<T>,
}

impl<'de, const N: usize, T: Deserialize<'de>> Deserialize<'de> for Nth<N, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple(N + 1, NthVisitor(PhantomData)) // a tuple is all arguments
    }
}

struct NthVisitor<const N: usize, T>(PhantomData<T>);

impl<'de, const N: usize, T: Deserialize<'de>> Visitor<'de> for NthVisitor<N, T> {
    type Value = Nth<N, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the arguments of an event")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut arguments: A) -> Result<Self::Value, A::Error> {
        for _ in 0..N {
            arguments.next_element::<IgnoredAny>()?;
        }
        let value = arguments.next_element()?;
        while arguments.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Nth { value })
    }
}

/// All arguments of an event.
struct All(Vec<Payload>);

impl<'de> Deserialize<'de> for All {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple(usize::MAX, AllVisitor).map(Self)
    }
}

struct AllVisitor;

impl<'de> Visitor<'de> for AllVisitor {
    type Value = Vec<Payload>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the arguments of an event")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut arguments: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while let Some(argument) = arguments.next_element()? {
            all.push(argument);
        }
        Ok(all)
    }
}

/// An argument of an event method: the [`Socket`], the [`Ack`], the [`AppHandle`], or the event's
/// next argument as any deserializable type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be taken from an event",
    note = "take `Socket`, `Ack`, `AppHandle`, or types that implement `serde::Deserialize`"
)]
pub trait FromEvent: Sized {
    /// Takes the argument out of the event.
    ///
    /// # Errors
    ///
    /// When the payload is not what the method expects; the client gets a 400.
    fn from_event(call: &mut Call) -> Result<Self>;
}

impl FromEvent for Socket {
    fn from_event(call: &mut Call) -> Result<Self> {
        Ok(call.socket.clone())
    }
}

impl FromEvent for AppHandle {
    fn from_event(call: &mut Call) -> Result<Self> {
        Ok(call.app.clone())
    }
}

impl FromEvent for Ack {
    fn from_event(call: &mut Call) -> Result<Self> {
        Ok(call.ack.clone())
    }
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> FromEvent for T {
    fn from_event(call: &mut Call) -> Result<Self> {
        call.argument()
    }
}

/// What an event method may return: nothing, or a `Result` whose `Ok` becomes the ack.
///
/// A method that returns nothing acks nothing, as in the original; it may take the [`Ack`] and
/// answer for itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an ack",
    note = "return nothing, or a `Result` of something that implements `serde::Serialize`"
)]
pub trait IntoAck {
    /// Answers the client if it asked for an ack and has none yet.
    ///
    /// # Errors
    ///
    /// The method's own error.
    fn into_ack(self, ack: &Ack) -> Result<()>;
}

impl IntoAck for () {
    fn into_ack(self, _: &Ack) -> Result<()> {
        Ok(())
    }
}

impl<T: Serialize, E: Into<IOServerError>> IntoAck for Result<T, E> {
    fn into_ack(self, ack: &Ack) -> Result<()> {
        let answer = self.map_err(Into::into)?;
        let nothing = std::any::type_name::<T>() == std::any::type_name::<()>();
        if !nothing {
            ack.send(&(answer,)); // one argument, whatever its shape
        }
        Ok(())
    }
}
