//! Places for connections: so many in all, and so many for each client.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::Limits;

/// The places of a listener.
pub(super) struct Seats {
    all: Arc<Semaphore>,
    each: usize,
    clients: Clients,
}

/// How many connections each client has.
type Clients = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// The place of a connection, free again when this is dropped.
pub(super) struct Seat {
    _place: OwnedSemaphorePermit,
    client: Option<(IpAddr, Clients)>,
}

impl Seats {
    pub(super) fn new(limits: &Limits) -> Self {
        let all = Semaphore::new(limits.connections.min(Semaphore::MAX_PERMITS));
        Self {
            all: Arc::new(all),
            each: limits.connections_per_client,
            clients: Clients::default(),
        }
    }

    /// A place for a connection from this address, if there is one.
    pub(super) fn take(&self, address: IpAddr) -> Option<Seat> {
        let place = Arc::clone(&self.all).try_acquire_owned().ok()?;
        if self.each == usize::MAX {
            return Some(Seat { _place: place, client: None });
        }
        let address = client(address);
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let count = clients.entry(address).or_default();
        if *count >= self.each {
            if *count == 0 {
                clients.remove(&address);
            }
            return None;
        }
        *count += 1;
        Some(Seat { _place: place, client: Some((address, Arc::clone(&self.clients))) })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some((address, clients)) = self.client.take() else { return };
        let mut clients = clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = clients.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                clients.remove(&address);
            }
        }
    }
}

/// What is one client: an address of IPv4, or a network of 64 bits of IPv6, which is what a
/// subscriber gets at least.
fn client(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_has_its_own_places_and_none_is_remembered() {
        let limits = Limits { connections: 4, connections_per_client: 2, ..Limits::default() };
        let seats = Seats::new(&limits);
        let take = |address: &str| seats.take(address.parse().unwrap());
        let one = (take("203.0.113.1"), take("::ffff:203.0.113.1"));
        assert!(one.0.is_some() && one.1.is_some());
        assert!(take("203.0.113.1").is_none());
        let other = (take("2001:db8::1"), take("2001:db8::2"));
        assert!(other.0.is_some() && other.1.is_some());
        drop(one.0);
        assert!(take("2001:db8::ffff").is_none(), "its network has two");
        assert!(take("2001:db8:0:1::1").is_some());
        drop((one.1, other));
        assert!(seats.clients.lock().unwrap().is_empty());
        assert_eq!(seats.all.available_permits(), 4);
    }
}
