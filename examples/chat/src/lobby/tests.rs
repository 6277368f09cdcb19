use super::*;

fn named(lobby: &mut Lobby, socket: &str, name: &str) -> Refused<Entered> {
    lobby.enter(socket, Guest::Named(name))
}

fn lobby_with(names: &[&str]) -> Lobby {
    let mut lobby = Lobby::new();
    for name in names {
        named(&mut lobby, &format!("socket of {name}"), name).unwrap();
    }
    lobby
}

#[test]
fn a_name_is_trimmed_and_unique_whatever_its_case() {
    let mut lobby = Lobby::new();
    assert_eq!(named(&mut lobby, "1", "  Alice ").unwrap().username, "Alice");
    assert_eq!(named(&mut lobby, "2", "aLICE").unwrap_err(), "Username already taken");
    assert_eq!(named(&mut lobby, "2", "system").unwrap_err(), "Username already taken");
    assert_eq!(named(&mut lobby, "2", " \t ").unwrap_err(), "Username is required");
    let long = "a".repeat(MAX_NAME + 1);
    for odd in [long.as_str(), "a\u{7}b", "a\nb"] {
        assert!(named(&mut lobby, "2", odd).unwrap_err().contains("32 printable"), "{odd:?}");
    }
    assert_eq!(named(&mut lobby, "1", "Bob").unwrap_err(), "You are logged in already");
}

#[test]
fn leaving_frees_the_name_and_tells_the_room() {
    let mut lobby = lobby_with(&["Alice"]);
    let left = lobby.leave("socket of Alice").unwrap();
    assert_eq!((left.message.room.as_str(), left.username.as_str()), ("general", "Alice"));
    assert_eq!(left.message.content, "Alice left the chat");
    assert!(lobby.leave("socket of Alice").is_none());
    assert!(named(&mut lobby, "2", "alice").is_ok());
}

#[test]
fn nobody_acts_before_they_have_logged_in() {
    let mut lobby = Lobby::new();
    assert_eq!(lobby.say("1", "hello").unwrap_err(), NOT_LOGGED_IN);
    assert_eq!(lobby.go("1", "tea").unwrap_err(), NOT_LOGGED_IN);
    assert_eq!(lobby.whereabouts("1").unwrap_err(), NOT_LOGGED_IN);
}

#[test]
fn messages_have_text_a_limit_and_ids_of_their_own() {
    let mut lobby = lobby_with(&["Alice"]);
    let mut say = |text: &str| lobby.say("socket of Alice", text);
    assert_eq!(say("  ").unwrap_err(), "Message cannot be empty");
    assert_eq!(say(&"é".repeat(MAX_CONTENT + 1)).unwrap_err(), "Message is too long");
    assert_eq!(say(" hello ").unwrap().content, "hello");
    let id = |message: Message| serde_json::to_value(message).unwrap()["id"].clone();
    assert_ne!(id(say("a").unwrap()), id(say("a").unwrap()));
}

#[test]
fn changing_rooms_leaves_one_and_makes_the_other() {
    let mut lobby = lobby_with(&["Alice", "Bob"]);
    let (room, moved) = lobby.go("socket of Alice", "  Tea ").unwrap();
    let moved = moved.unwrap();
    assert_eq!(room, "tea");
    assert_eq!(moved.left.message.content, "Alice left the room");
    assert_eq!((moved.joined.room.as_str(), lobby.active_rooms()), ("tea", 2));
    assert_eq!(
        (lobby.people("general"), lobby.people("tea")),
        (vec!["Bob".into()], vec!["Alice".into()])
    );
    assert_eq!(lobby.whereabouts("socket of Alice").unwrap(), ("Alice", "tea"));
    assert!(lobby.go("socket of Alice", "TEA").unwrap().1.is_none(), "one is there already");
    assert_eq!(lobby.go("socket of Alice", " ").unwrap_err(), "Room name is required");
}

#[test]
fn rooms_are_not_without_end_and_empty_ones_are_forgotten() {
    let mut lobby = lobby_with(&["Alice"]);
    for number in 1..MAX_ROOMS {
        lobby.go("socket of Alice", &format!("room {number}")).unwrap();
    }
    assert!(lobby.go("socket of Alice", "one more").unwrap_err().contains("too many rooms"));
    assert!(lobby.go("socket of Alice", "room 1").is_ok(), "one that is there can be joined");
    assert_eq!(lobby.tidy(), MAX_ROOMS - 2);
    let names: Vec<_> = lobby.rooms().into_iter().map(|room| room.name).collect();
    assert_eq!(names, ["general", "room 1"]);
}

#[test]
fn a_room_remembers_the_last_thousand_messages_and_shows_fifty() {
    let mut lobby = lobby_with(&["Alice"]);
    for number in 0..1100 {
        lobby.say("socket of Alice", &number.to_string()).unwrap();
    }
    let recent = lobby.recent("general");
    assert_eq!((recent.len(), recent[49].content.as_str()), (50, "1099"));
    assert!(format!("{:?}", lobby.rooms["general"]).contains("\"100\""));
    assert!(!format!("{:?}", lobby.rooms["general"]).contains("\"99\""), "it has made room");
}

#[test]
fn an_account_takes_over_its_own_seat_in_its_room_unnoticed() {
    let mut lobby = Lobby::new();
    let ada = Guest::Known { account: "ada-sub", name: "Ada" };
    lobby.enter("old", ada).unwrap();
    lobby.go("old", "tea").unwrap();
    let said = lobby.recent("tea").len();

    let entered = lobby.enter("new", ada).unwrap();
    assert_eq!((entered.username.as_str(), entered.room.as_str()), ("Ada", "tea"));
    assert!(matches!(entered.how, Arrival::Replaced { socket } if socket == "old"));
    assert_eq!((lobby.people("tea"), lobby.recent("tea").len()), (vec!["Ada".to_owned()], said));
    assert!(lobby.leave("old").is_none(), "the earlier socket has no seat to leave");
    assert_eq!(lobby.leave("new").unwrap().username, "Ada");
}

#[test]
fn another_account_of_the_same_name_gets_a_number() {
    let mut lobby = lobby_with(&["Ada"]);
    let other = Guest::Known { account: "other-sub", name: "Ada" };
    assert_eq!(lobby.enter("1", other).unwrap().username, "Ada 2");
    let nameless = Guest::Known { account: "third-sub", name: " " };
    assert_eq!(lobby.enter("2", nameless).unwrap().username, "Someone");
}
