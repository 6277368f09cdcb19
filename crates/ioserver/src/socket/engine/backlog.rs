//! What waits for a client that does not read yet.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use bytes::{Buf, BytesMut};

/// How many bytes wait for all clients of a server.
pub(super) type Total = Arc<AtomicUsize>;

/// How many bytes may wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// For one client.
    pub(super) one: usize,
    /// For all together.
    pub(super) all: usize,
}

/// What a client may have waiting when all together have too much: a message or two, so that who
/// reads is not taken for slow because others do not.
const SHARE: usize = 64 * 1024;

/// The bytes that wait for one client.
pub(super) struct Backlog {
    bytes: BytesMut,
    total: Total,
}

impl Backlog {
    pub(super) fn new(total: &Total) -> Self {
        Self { bytes: BytesMut::new(), total: Arc::clone(total) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.total.fetch_add(bytes.len(), Relaxed);
    }

    /// The client has taken so many.
    pub(super) fn advance(&mut self, length: usize) {
        self.bytes.advance(length);
        self.total.fetch_sub(length, Relaxed);
        if self.bytes.is_empty() {
            self.bytes = BytesMut::new(); // a burst must not stay allocated
        }
    }

    /// All of it, which is no longer counted.
    pub(super) fn take(&mut self) -> BytesMut {
        self.total.fetch_sub(self.bytes.len(), Relaxed);
        self.bytes.split()
    }

    /// Whether no more is to be taken for this client.
    pub(super) fn is_full(&self, room: Room) -> bool {
        let crowded = self.total.load(Relaxed) >= room.all;
        self.bytes.len() >= if crowded { SHARE.min(room.one) } else { room.one }
    }

    /// Whether so little waits that more is taken again.
    pub(super) fn has_room(&self, room: Room) -> bool {
        self.bytes.len() <= room.one / 2 && !self.is_full(room)
    }
}

impl Drop for Backlog {
    fn drop(&mut self) {
        self.total.fetch_sub(self.bytes.len(), Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room { one: 1_000_000, all: 2_000_000 };

    #[test]
    fn a_client_may_have_less_waiting_where_all_together_have_too_much() {
        let total = Total::default();
        let mut slow = [Backlog::new(&total), Backlog::new(&total), Backlog::new(&total)];
        for backlog in &mut slow {
            backlog.push(&[0; 700_000]);
        }
        assert!(slow.iter().all(|backlog| backlog.is_full(ROOM)));
        let mut quick = Backlog::new(&total);
        quick.push(&[0; 1000]);
        assert!(!quick.is_full(ROOM));

        let [one, _, _] = slow;
        drop(one);
        let mut other = Backlog::new(&total);
        other.push(&[0; 500_000]);
        assert!(!other.is_full(ROOM) && other.has_room(ROOM));
    }

    #[test]
    fn what_was_taken_or_given_up_is_not_counted() {
        let total = Total::default();
        let mut backlog = Backlog::new(&total);
        backlog.push(b"0123456789");
        backlog.advance(4);
        assert_eq!((backlog.bytes(), total.load(Relaxed)), (b"456789".as_slice(), 6));
        assert_eq!(backlog.take(), b"456789".as_slice());
        assert_eq!(total.load(Relaxed), 0);
        backlog.push(b"0");
        drop(backlog);
        assert_eq!(total.load(Relaxed), 0);
    }
}
