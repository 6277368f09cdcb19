//! Who is in which room, and what was said there. Knows nothing of sockets but their ids.

mod message;
mod room;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    time::{SystemTime, UNIX_EPOCH},
};

use indexmap::IndexMap;

use message::SYSTEM;
use room::Room;

pub(crate) use message::Message;
pub(crate) use room::RoomInfo;

/// The room that everyone comes into first.
pub(crate) const GENERAL: &str = "general";

const MAX_NAME: usize = 32;
const MAX_CONTENT: usize = 2000;
const MAX_ROOMS: usize = 100;

/// What someone may not do, in words for them.
pub(crate) type Refused<T> = Result<T, &'static str>;

const NOT_LOGGED_IN: &str = "User not logged in";

/// All rooms and everyone in them.
#[derive(Debug)]
pub(crate) struct Lobby {
    seats: HashMap<String, Seat>, // by the socket's id
    rooms: IndexMap<String, Room>,
    last_id: u64,
}

/// Someone who has logged in.
#[derive(Clone, Debug)]
struct Seat {
    username: String,
    room: String,
    account: Option<String>,
}

/// Someone who asks to come in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Guest<'a> {
    /// With a name that they chose.
    Named(&'a str),
    /// With an account, which the name belongs to.
    Known { account: &'a str, name: &'a str },
}

/// Someone has come in.
#[derive(Debug)]
pub(crate) struct Entered {
    pub(crate) username: String,
    pub(crate) room: String,
    pub(crate) how: Arrival,
}

/// How they have come in.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// The room is told.
    New(Message),
    /// They have taken over the seat of their earlier socket, and nobody notices.
    Replaced { socket: String },
}

/// Someone has gone from one room, to another or for good.
#[derive(Debug)]
pub(crate) struct Left {
    pub(crate) username: String,
    pub(crate) message: Message,
}

/// Someone has changed rooms.
#[derive(Debug)]
pub(crate) struct Moved {
    pub(crate) left: Left,
    pub(crate) joined: Message,
}

impl Lobby {
    /// A lobby with an empty general room.
    pub(crate) fn new() -> Self {
        let rooms = [(GENERAL.to_owned(), Room::default())].into();
        // Ids go on where those of an earlier run of the server ended.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let last_id = u64::try_from(since.as_micros()).unwrap_or_default();
        Self { seats: HashMap::new(), rooms, last_id }
    }

    /// Lets someone into the general room; someone with an account takes over their own seat.
    pub(crate) fn enter(&mut self, socket: &str, guest: Guest<'_>) -> Refused<Entered> {
        if self.seats.contains_key(socket) {
            return Err("You are logged in already");
        }
        let (username, account) = match guest {
            Guest::Named(name) => (self.free_name(name)?, None),
            Guest::Known { account, name } => match self.seat_of(account) {
                Some(earlier) => return Ok(self.replace(&earlier, socket)),
                None => (self.name_like(name), Some(account.to_owned())),
            },
        };
        let room = GENERAL.to_owned();
        let seat = Seat { username: username.clone(), room: room.clone(), account };
        self.seats.insert(socket.to_owned(), seat);
        self.rooms.entry(room.clone()).or_default().sockets.push(socket.to_owned());
        let message = self.announce(GENERAL, format!("{username} joined the chat"));
        Ok(Entered { username, room, how: Arrival::New(message) })
    }

    /// Says something in the room where one is.
    pub(crate) fn say(&mut self, socket: &str, content: &str) -> Refused<Message> {
        let Seat { username, room, .. } = self.seats.get(socket).ok_or(NOT_LOGGED_IN)?;
        let content = content.trim();
        if content.is_empty() {
            return Err("Message cannot be empty");
        }
        if content.chars().count() > MAX_CONTENT {
            return Err("Message is too long");
        }
        self.last_id += 1;
        let message = Message::said(self.last_id, username, room, content);
        self.rooms.entry(room.clone()).or_default().remember(message.clone());
        Ok(message)
    }

    /// Changes rooms; `None` if one is there already.
    pub(crate) fn go(&mut self, socket: &str, room: &str) -> Refused<(String, Option<Moved>)> {
        let seat = self.seats.get(socket).ok_or(NOT_LOGGED_IN)?;
        let room = room.trim().to_lowercase();
        match name_problem(&room) {
            Some(Problem::Empty) => return Err("Room name is required"),
            Some(Problem::Odd) => return Err("A room's name has at most 32 printable characters"),
            None if seat.room == room => return Ok((room, None)),
            None if self.rooms.len() >= MAX_ROOMS && !self.rooms.contains_key(&room) => {
                return Err("There are too many rooms; join one of them");
            }
            None => {}
        }
        let (username, old) = (seat.username.clone(), seat.room.clone());
        self.vacate(&old, socket);
        self.rooms.entry(room.clone()).or_default().sockets.push(socket.to_owned());
        if let Some(seat) = self.seats.get_mut(socket) {
            seat.room.clone_from(&room);
        }
        let message = self.announce(&old, format!("{username} left the room"));
        let joined = self.announce(&room, format!("{username} joined the room"));
        Ok((room, Some(Moved { left: Left { username, message }, joined })))
    }

    /// Frees the seat and the name of a socket that has gone.
    pub(crate) fn leave(&mut self, socket: &str) -> Option<Left> {
        let Seat { username, room, .. } = self.seats.remove(socket)?;
        self.vacate(&room, socket);
        let message = self.announce(&room, format!("{username} left the chat"));
        Some(Left { username, message })
    }

    /// The name and the room of someone who has logged in.
    pub(crate) fn whereabouts(&self, socket: &str) -> Refused<(&str, &str)> {
        let seat = self.seats.get(socket).ok_or(NOT_LOGGED_IN)?;
        Ok((&seat.username, &seat.room))
    }

    /// The names of those in a room, in the order in which they came.
    pub(crate) fn people(&self, room: &str) -> Vec<String> {
        let sockets = self.rooms.get(room).map_or(&[][..], |room| &room.sockets);
        let seats = sockets.iter().filter_map(|socket| self.seats.get(socket));
        seats.map(|seat| seat.username.clone()).collect()
    }

    /// What was said last in a room.
    pub(crate) fn recent(&self, room: &str) -> Vec<Message> {
        self.rooms.get(room).map(Room::recent).unwrap_or_default()
    }

    /// All rooms, the oldest first.
    pub(crate) fn rooms(&self) -> Vec<RoomInfo> {
        let info = |(name, room): (&String, &Room)| RoomInfo {
            name: name.clone(),
            user_count: room.sockets.len(),
        };
        self.rooms.iter().map(info).collect()
    }

    /// How many rooms have someone in them.
    pub(crate) fn active_rooms(&self) -> usize {
        self.rooms.values().filter(|room| !room.is_empty()).count()
    }

    /// Forgets the rooms that everyone has left, but for the general one; says how many.
    pub(crate) fn tidy(&mut self) -> usize {
        let before = self.rooms.len();
        self.rooms.retain(|name, room| name == GENERAL || !room.is_empty());
        before - self.rooms.len()
    }

    fn announce(&mut self, room: &str, content: String) -> Message {
        self.last_id += 1;
        let message = Message::system(self.last_id, room, content);
        self.rooms.entry(room.to_owned()).or_default().remember(message.clone());
        message
    }

    fn vacate(&mut self, room: &str, socket: &str) {
        if let Some(room) = self.rooms.get_mut(room) {
            room.sockets.retain(|other| other != socket);
        }
    }

    /// The socket that sits there for an account.
    fn seat_of(&self, account: &str) -> Option<String> {
        let seat = self.seats.iter().find(|(_, seat)| seat.account.as_deref() == Some(account))?;
        Some(seat.0.clone())
    }

    fn replace(&mut self, earlier: &str, socket: &str) -> Entered {
        let seat = self.seats.remove(earlier).expect("the seat was just found");
        let Seat { username, room, .. } = seat.clone();
        self.seats.insert(socket.to_owned(), seat);
        if let Some(room) = self.rooms.get_mut(&room)
            && let Some(place) = room.sockets.iter_mut().find(|other| *other == earlier)
        {
            socket.clone_into(place);
        }
        let how = Arrival::Replaced { socket: earlier.to_owned() };
        Entered { username, room, how }
    }

    /// A name that someone chose, if nobody has it.
    fn free_name(&self, name: &str) -> Refused<String> {
        let name = name.trim();
        match name_problem(name) {
            Some(Problem::Empty) => Err("Username is required"),
            Some(Problem::Odd) => Err("A username has at most 32 printable characters"),
            None if self.is_taken(name) => Err("Username already taken"),
            None => Ok(name.to_owned()),
        }
    }

    /// The name of an account, with a number if somebody else has it.
    fn name_like(&self, name: &str) -> String {
        let printable = |letter: &char| !letter.is_control();
        let cut: String = name.trim().chars().filter(printable).take(MAX_NAME).collect();
        let base = if cut.is_empty() { "Someone".to_owned() } else { cut };
        let numbered = (2_u64..).map(|number| format!("{base} {number}"));
        let mut names = std::iter::once(base.clone()).chain(numbered);
        names.find(|name| !self.is_taken(name)).expect("there are more numbers than people")
    }

    fn is_taken(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        name == SYSTEM.to_lowercase()
            || self.seats.values().any(|seat| seat.username.to_lowercase() == name)
    }
}

enum Problem {
    Empty,
    Odd,
}

fn name_problem(name: &str) -> Option<Problem> {
    if name.is_empty() {
        return Some(Problem::Empty);
    }
    let odd = name.chars().count() > MAX_NAME || name.chars().any(char::is_control);
    odd.then_some(Problem::Odd)
}
