//! One event on its way to a method, and the answer on its way back.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, IgnoredAny, IntoDeserializer, SeqAccess, Visitor},
};
use socketioxide::{extract::Data, handler::FromMessageParts};
use socketioxide_core::Value as Packet;

use super::{Arguments, Payload};
use crate::{
    Ack, AppHandle, DisconnectReason, IOServerError, Json, LogLevel, Result, Socket, socket::Count,
};

/// One event on its way to a method.
pub struct Call {
    socket: Socket,
    app: AppHandle,
    packet: Packet,
    arguments_taken: usize,
    ack: Ack,
    event: Option<Box<str>>,
    method: &'static str,
}

impl Call {
    pub(crate) fn new(socket: Socket, app: &AppHandle, packet: Packet, ack: Option<i64>) -> Self {
        let ack = Ack::new(&socket, ack);
        Self { socket, app: app.clone(), packet, arguments_taken: 0, ack, event: None, method: "" }
    }

    /// Tells the call which event's method it is for.
    pub(super) fn of(mut self, method: &'static str) -> Self {
        self.method = method;
        self
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

    /// For a method that answers several events.
    pub(crate) fn named(mut self, event: &str) -> Self {
        self.event = Some(event.into());
        self
    }

    /// The call of the service's `connect`.
    pub(crate) fn connected(socket: Socket, app: &AppHandle) -> Self {
        let packet = format!("[\"connect\",{}]", socket.handshake().auth());
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

    /// Takes the next argument of the event, or all of them as [`Arguments`]. One that the client
    /// left out reads as `null`.
    ///
    /// # Errors
    ///
    /// A 400 that names the argument if it is missing or no `T`.
    pub fn argument<T: DeserializeOwned>(&mut self) -> Result<T> {
        // Not by a `FromEvent` of its own: that of all deserializable types covers it.
        if std::any::type_name::<T>() == std::any::type_name::<Arguments>() {
            return self.all();
        }
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
        argument.map_err(|why| self.bad_argument::<T>(index + 1, &why))
    }

    /// What is wrong goes to the client, whose text it quotes; the log has the place and the type.
    fn bad_argument<T>(&self, number: usize, why: &str) -> IOServerError {
        let (event, namespace) = (self.method, self.socket.ns());
        let kind = std::any::type_name::<T>();
        let text = format_args!(
            "event `{event}` of namespace `{namespace}`: argument {number} is no `{kind}`"
        );
        self.app.log(LogLevel::Debug, text);
        bad_payload(&format!("argument {number} of `{event}` {why}"))
    }

    /// Takes all arguments of the event.
    ///
    /// # Errors
    ///
    /// A 400 if there is something among them that is neither JSON nor binary data.
    pub fn arguments(&mut self) -> Result<Vec<Payload>> {
        self.all().map(|Arguments(all)| all)
    }

    fn all<T: DeserializeOwned>(&mut self) -> Result<T> {
        let packet = &mut self.packet;
        let all = Data::<T>::from_message_parts(self.socket.engine(), packet, &None);
        all.map(|Data(all)| all).map_err(|error| bad_payload(without_place(&error.to_string())))
    }

    fn nth<const N: usize, T: DeserializeOwned>(&mut self) -> Result<T, String> {
        let packet = &mut self.packet;
        let found = Data::<Nth<N, T>>::from_message_parts(self.socket.engine(), packet, &None);
        let why = |error: String| format!("is not what it takes: {}", without_place(&error));
        match found.map_err(|error| why(error.to_string()))?.0.value {
            Some(value) => Ok(value),
            None => T::deserialize(serde_json::Value::Null).map_err(|_| "is missing".to_owned()),
        }
    }

    /// Tells the client: the ack if it asked for one, else an `error` event.
    pub(crate) fn fail(&self, error: &IOServerError) {
        fail(&self.socket, &self.ack, error);
    }
}

/// Tells the client of an event what went wrong.
pub(crate) fn fail(socket: &Socket, ack: &Ack, error: &IOServerError) {
    let payload = error.socket_payload();
    if ack.is_requested() {
        ack.send((payload,)); // in vain if the method has answered
    } else {
        socket.emit("error", payload); // a client that has gone hears nothing
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

/// Leaves out where in the packet it is: `… at line 1 column 8`.
fn without_place(error: &str) -> &str {
    let is_place = |place: &str| {
        place.split_once(" column ").is_some_and(|(line, column)| {
            [line, column].iter().all(|number| number.parse::<usize>().is_ok())
        })
    };
    match error.rsplit_once(" at line ") {
        Some((error, place)) if is_place(place) => error,
        _ => error,
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

/// What a client acked with: all arguments if `R` is a tuple or [`Arguments`], else the first one. One that is not
/// there reads as `null`.
pub(crate) struct Acked<R>(pub(crate) R);

impl<'de, R: Deserialize<'de>> Deserialize<'de> for Acked<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if Count::of::<R>() == Count::Several {
            return R::deserialize(deserializer).map(Self);
        }
        match Nth::<0, R>::deserialize(deserializer)?.value {
            Some(value) => Ok(Self(value)),
            None => R::deserialize(().into_deserializer()).map(Self),
        }
    }
}

/// An argument of an event method: the [`Socket`], the [`Ack`], the [`AppHandle`], the
/// [`EventName`], or the event's next argument as any deserializable type.
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

/// The name of the event that a method for [any](crate::Events::any) of them is called with.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a name is a string")]
pub struct EventName(pub String);

impl FromEvent for EventName {
    fn from_event(call: &mut Call) -> Result<Self> {
        let wrong = || IOServerError::new("only a method for any event is told its name", 500);
        call.event.take().map(|name| Self(name.into())).ok_or_else(wrong)
    }
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> FromEvent for T {
    fn from_event(call: &mut Call) -> Result<Self> {
        call.argument()
    }
}

/// What an event method may return: nothing, or the ack: a `Result` whose `Ok` it is, [`Json`], or a
/// `serde_json::Value`.
///
/// A method that returns nothing acks nothing, as in the original, and neither does `Ok(())`: a
/// client that passed a callback waits. Return `Ok(true)`, say, to tell it that all is well. The
/// method may also take the [`Ack`] and answer for itself. An error is always acked.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an ack",
    note = "return nothing, or an `ioserver::Result` of something that implements `serde::Serialize`",
    note = "`Json(value)` and a `serde_json::Value` may stand alone"
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

impl<T: Serialize> IntoAck for Json<T> {
    fn into_ack(self, ack: &Ack) -> Result<()> {
        ack.send((self,));
        Ok(())
    }
}

impl IntoAck for serde_json::Value {
    fn into_ack(self, ack: &Ack) -> Result<()> {
        ack.send((self,));
        Ok(())
    }
}

impl<T: Serialize, E: Into<IOServerError>> IntoAck for Result<T, E> {
    fn into_ack(self, ack: &Ack) -> Result<()> {
        let answer = self.map_err(Into::into)?;
        if Count::of::<T>() != Count::None {
            ack.send((answer,)); // one argument, whatever its shape
        }
        Ok(())
    }
}
