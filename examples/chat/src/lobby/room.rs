use std::collections::VecDeque;

use serde::Serialize;

use super::Message;

/// How many messages a room remembers.
const HISTORY: usize = 1000;
/// How many of them someone who comes in reads.
const RECENT: usize = 50;

/// One room: who is in it, and what was said.
#[derive(Debug, Default)]
pub(super) struct Room {
    pub(super) sockets: Vec<String>, // in the order in which they came
    history: VecDeque<Message>,
}

/// A room as clients list it.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoomInfo {
    pub(crate) name: String,
    pub(crate) user_count: usize,
}

impl Room {
    pub(super) fn remember(&mut self, message: Message) {
        if self.history.len() == HISTORY {
            self.history.pop_front();
        }
        self.history.push_back(message);
    }

    pub(super) fn recent(&self) -> Vec<Message> {
        let skipped = self.history.len().saturating_sub(RECENT);
        self.history.iter().skip(skipped).cloned().collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sockets.is_empty()
    }
}
