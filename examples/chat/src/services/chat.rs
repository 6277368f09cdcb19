use std::sync::Arc;

use ioserver::{Ack, AppHandle, LogLevel, Result, SendTo, Socket, service};
use ioserver_oidc::OidcUserContext;
use serde::Serialize;

use super::wire::{
    Activity, Answer, Change, Done, Join, Joined, Login, Rooms, Said, Typing, User, UserTyping,
    Users, Welcome,
};
use crate::{
    lobby::{Arrival, Entered, Guest, Left, Lobby, Moved, Refused},
    managers::{RoomsManager, SessionManager, StatsManager},
};

/// `/chat`: people, rooms and what is said in them.
pub(crate) struct ChatService {
    app: AppHandle,
    rooms: Arc<RoomsManager>,
    stats: Arc<StatsManager>,
    sessions: Option<Arc<SessionManager>>, // where people sign in
}

impl ChatService {
    pub(crate) fn new(app: AppHandle) -> Result<Self> {
        let (rooms, stats) = (app.manager("rooms")?, app.manager("statsManager")?);
        Ok(Self { rooms, stats, sessions: app.manager("session").ok(), app })
    }
}

#[service]
impl ChatService {
    /// `login {username}`.
    pub async fn login(&self, socket: Socket, ack: Ack, login: Login) {
        match self._login(&socket, &login) {
            Ok(welcome) => answer(&socket, &ack, "login_success", &Answer::Success(welcome)),
            Err(message) => {
                answer(&socket, &ack, "login_error", &Answer::<Done>::Error { message });
            }
        }
    }

    /// `send_message {content}`.
    pub async fn send_message(&self, socket: Socket, said: Said) -> Result<Answer<Done>> {
        Ok(self._say(&socket, &said.content.unwrap_or_default()).into())
    }

    /// `join_room {room}`.
    pub async fn join_room(&self, socket: Socket, join: Join) -> Result<Answer<Joined>> {
        Ok(self._join(&socket, &join.room.unwrap_or_default()).into())
    }

    /// `get_room_users`: who is where one is.
    pub async fn get_room_users(&self, socket: Socket, ack: Ack) {
        let lobby = self.rooms.lobby();
        match lobby.whereabouts(socket.id()).map(|(_, room)| lobby.people(room)) {
            Ok(users) if ack.is_requested() => drop(ack.send(&(Answer::Success(Users { users }),))),
            Ok(users) => tell(&socket, "room_users", &Users { users }),
            Err(message) => drop(ack.send(&(Answer::<Done>::Error { message },))),
        }
    }

    /// `get_available_rooms`: all rooms.
    pub async fn get_available_rooms(&self, socket: Socket, ack: Ack) {
        let rooms = Rooms { rooms: self.rooms.lobby().rooms() };
        if ack.is_requested() {
            ack.send(&(Answer::Success(rooms),));
        } else {
            tell(&socket, "available_rooms", &rooms);
        }
    }

    /// `typing {isTyping}`: told to the others in the room.
    pub async fn typing(&self, socket: Socket, typing: Typing) {
        let lobby = self.rooms.lobby();
        let Ok((username, room)) = lobby.whereabouts(socket.id()) else { return };
        let is_typing = typing.is_typing;
        socket.to(room).emit("user_typing", &UserTyping { username, is_typing });
    }

    /// Runs when a client has gone.
    pub async fn disconnect(&self, socket: Socket) {
        self._leave(&socket);
    }

    fn _login(&self, socket: &Socket, login: &Login) -> Refused<Welcome> {
        let user = socket.get::<OidcUserContext>();
        let guest = match &user {
            // Whoever has a token is called what it says, whatever the client would like.
            Some(user) => Guest::Known {
                account: &user.sub,
                name: user.name.as_deref().unwrap_or(&user.user_id),
            },
            None => Guest::Named(login.username.as_deref().unwrap_or_default()),
        };
        let mut lobby = self.rooms.lobby();
        let Entered { username, room, how } = lobby.enter(socket.id(), guest)?;
        socket.join(room.clone());
        let earlier = match how {
            Arrival::New(message) => {
                self.stats.user_entered();
                let change = Change { username: &username, message: &message, room_users: None };
                socket.to(room.clone()).emit("user_joined", &change);
                None
            }
            Arrival::Replaced { socket } => Some(socket),
        };
        let welcome = Welcome {
            room_users: lobby.people(&room),
            recent_messages: lobby.recent(&room),
            available_rooms: lobby.rooms(),
            user: User { username, room },
        };
        self.app.log(LogLevel::Information, format_args!("{} came in", welcome.user.username));
        self._rooms_changed(&lobby);
        drop(lobby); // `disconnect` runs right here, and wants the lobby
        if let Some(earlier) = earlier {
            self._replace(&earlier);
        }
        if !socket.connected() {
            self._leave(socket); // it went before it came in, so its `disconnect` has run
        }
        Ok(welcome)
    }

    /// Ends the earlier connection of someone who has come in with another one.
    fn _replace(&self, earlier: &str) {
        if let Some(sessions) = &self.sessions {
            let notice = ("replaced", "You have opened the chat somewhere else.");
            sessions.disconnect("chat", earlier, notice);
        }
    }

    fn _say(&self, socket: &Socket, content: &str) -> Refused<Done> {
        let mut lobby = self.rooms.lobby();
        let message = lobby.say(socket.id(), content)?;
        self.stats.message_said();
        let everyone = SendTo::new("new_message", &message).namespace("chat");
        self.app.send(everyone.room(&message.room));
        // Not the original's: pages count what they have not read in other rooms.
        let activity = Activity { room: &message.room };
        socket.namespace().except(message.room.as_str()).emit("room_activity", &activity);
        Ok(Done {})
    }

    fn _join(&self, socket: &Socket, room: &str) -> Refused<Joined> {
        let mut lobby = self.rooms.lobby();
        let (room, moved) = lobby.go(socket.id(), room)?;
        if let Some(Moved { left, joined }) = moved {
            socket.leave(left.message.room.clone());
            socket.join(room.clone());
            self._tell_left(&lobby, &left);
            let username = &left.username;
            let room_users = Some(lobby.people(&room));
            let change = Change { username, message: &joined, room_users };
            socket.to(room.clone()).emit("user_joined", &change);
            self._rooms_changed(&lobby);
        }
        let (room_users, recent_messages) = (lobby.people(&room), lobby.recent(&room));
        Ok(Joined { room, room_users, recent_messages })
    }

    fn _leave(&self, socket: &Socket) {
        let mut lobby = self.rooms.lobby();
        let Some(left) = lobby.leave(socket.id()) else { return };
        self.stats.user_left();
        self._tell_left(&lobby, &left);
        self._rooms_changed(&lobby);
        self.app.log(LogLevel::Information, format_args!("{} has gone", left.username));
    }

    /// Tells those who are still in the room.
    fn _tell_left(&self, lobby: &Lobby, left: &Left) {
        let room = left.message.room.as_str();
        let (username, message) = (left.username.as_str(), &left.message);
        let change = Change { username, message, room_users: Some(lobby.people(room)) };
        self.app.send(SendTo::new("user_left", change).namespace("chat").room(room));
    }

    /// Not the original's, which answers only who asks: pages keep their lists of rooms current.
    fn _rooms_changed(&self, lobby: &Lobby) {
        self.stats.set_active_rooms(lobby.active_rooms());
        let rooms = Rooms { rooms: lobby.rooms() };
        self.app.send(SendTo::new("available_rooms", rooms).namespace("chat"));
    }
}

/// Acks, or sends an event to a client that passed no callback.
fn answer<T: Serialize>(socket: &Socket, ack: &Ack, event: &str, answer: &T) {
    if ack.is_requested() {
        ack.send((answer,));
    } else {
        tell(socket, event, answer);
    }
}

fn tell<T: Serialize>(socket: &Socket, event: &str, data: &T) {
    socket.emit(event, data); // a client that has gone hears nothing
}
