//! Who may be served at once: each room has a number of places, of which one organization, one host, and all hosts
//! that answer slowly together get a share at most.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::room::Room;
use crate::domain::id::OrganizationId;

/// A host whose last attempt took longer is slow until an attempt is faster.
const SLOW: Duration = Duration::from_secs(2);
/// The most slow hosts that are remembered.
const REMEMBERED: usize = 10_000;

/// The bounds of one room.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    places: usize,
    organization: usize,
    host: usize,
    slow: usize,
}

impl Bounds {
    /// A fifth for whoever may hang. One mail server serves all, so no share of it is set aside; each of the few
    /// gateways has a quarter of its room.
    fn of(room: Room) -> Self {
        match room {
            Room::Mail => Self { places: 20, organization: 4, host: 20, slow: 20 },
            Room::Gateway => Self { places: 40, organization: 8, host: 10, slow: 40 },
            Room::Web => Self { places: 80, organization: 16, host: 16, slow: 16 },
        }
    }
}

/// A lane with a message that is due.
#[derive(Debug, Clone)]
pub(super) struct Due {
    pub(super) lane: Uuid,
    pub(super) organization_id: OrganizationId,
    pub(super) host: String,
    /// How many messages are due in it, as far as it is known.
    pub(super) messages: i64,
}

/// What is in use in one room.
#[derive(Debug, Default, Clone)]
struct Use {
    all: usize,
    organizations: HashMap<OrganizationId, usize>,
    hosts: HashMap<String, usize>,
    slow: HashSet<String>,
}

impl Use {
    fn admits(&self, bounds: Bounds, organization_id: OrganizationId, host: &str) -> bool {
        let slow = || self.slow.iter().filter_map(|host| self.hosts.get(host)).sum::<usize>();
        self.all < bounds.places
            && self.organizations.get(&organization_id).is_none_or(|used| *used < bounds.organization)
            && self.hosts.get(host).is_none_or(|used| *used < bounds.host)
            && (!self.slow.contains(host) || slow() < bounds.slow)
    }

    fn enter(&mut self, organization_id: OrganizationId, host: &str) {
        self.all += 1;
        *self.organizations.entry(organization_id).or_default() += 1;
        *self.hosts.entry(host.to_owned()).or_default() += 1;
    }

    fn leave(&mut self, organization_id: OrganizationId, host: &str, took: Duration) {
        self.all -= 1;
        // Whoever has no place in use is not remembered: the maps stay as small as the room.
        if self.organizations.get(&organization_id).is_some_and(|used| *used <= 1) {
            self.organizations.remove(&organization_id);
        } else if let Some(used) = self.organizations.get_mut(&organization_id) {
            *used -= 1;
        }
        if self.hosts.get(host).is_some_and(|used| *used <= 1) {
            self.hosts.remove(host);
        } else if let Some(used) = self.hosts.get_mut(host) {
            *used -= 1;
        }
        if took <= SLOW {
            self.slow.remove(host);
        } else {
            if self.slow.len() >= REMEMBERED {
                self.slow.clear();
            }
            self.slow.insert(host.to_owned());
        }
    }
}

/// The places of this process.
#[derive(Debug, Clone, Default)]
pub(super) struct Places(Arc<Mutex<HashMap<Room, Use>>>);

impl Places {
    /// Whether anybody could be served in a room.
    pub(super) fn any(&self, room: Room) -> bool {
        self.uses().get(&room).is_none_or(|used| used.all < Bounds::of(room).places)
    }

    /// How many messages of each lane may be served now: the lanes take turns until the room is full or every lane
    /// has its share. A lane without a place is left out.
    pub(super) fn allot(&self, room: Room, lanes: &[Due]) -> Vec<(Uuid, i64)> {
        let (bounds, mut used) = (Bounds::of(room), self.uses().get(&room).cloned().unwrap_or_default());
        let mut allotted = vec![0_i64; lanes.len()];
        let mut open: Vec<usize> = (0..lanes.len()).collect();
        while !open.is_empty() && used.all < bounds.places {
            open.retain(|index| {
                let lane = &lanes[*index];
                let admitted =
                    allotted[*index] < lane.messages && used.admits(bounds, lane.organization_id, &lane.host);
                if admitted {
                    used.enter(lane.organization_id, &lane.host);
                    allotted[*index] += 1;
                }
                admitted
            });
        }
        lanes.iter().map(|lane| lane.lane).zip(allotted).filter(|(_, places)| *places > 0).collect()
    }

    /// Takes a place until what is returned is dropped.
    pub(super) fn enter(&self, room: Room, organization_id: OrganizationId, host: String) -> Place {
        self.uses().entry(room).or_default().enter(organization_id, &host);
        Place { places: self.clone(), room, organization_id, host, since: Instant::now() }
    }

    fn uses(&self) -> MutexGuard<'_, HashMap<Room, Use>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in use.
#[derive(Debug)]
pub(super) struct Place {
    places: Places,
    room: Room,
    organization_id: OrganizationId,
    host: String,
    since: Instant,
}

impl Drop for Place {
    fn drop(&mut self) {
        let took = self.since.elapsed();
        if let Some(used) = self.places.uses().get_mut(&self.room) {
            used.leave(self.organization_id, &self.host, took);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::room;
    use super::*;

    fn organization(number: u128) -> OrganizationId {
        Uuid::from_u128(number).into()
    }

    fn due(number: u128, host: &str) -> Due {
        let organization_id = organization(number);
        let lane = room::lane(Room::Web, organization_id, host);
        Due { lane, organization_id, host: host.to_owned(), messages: 1_000 }
    }

    fn allotted(places: &Places, lanes: &[Due]) -> Vec<i64> {
        let given: HashMap<_, _> = places.allot(Room::Web, lanes).into_iter().collect();
        lanes.iter().map(|lane| given.get(&lane.lane).copied().unwrap_or(0)).collect()
    }

    fn fill(places: &Places, lanes: &[Due]) -> Vec<Place> {
        let mut held = Vec::new();
        for (due, count) in lanes.iter().zip(allotted(places, lanes)) {
            for _ in 0..count {
                held.push(places.enter(Room::Web, due.organization_id, due.host.clone()));
            }
        }
        held
    }

    #[test]
    fn one_organization_and_one_host_get_a_fifth_at_most() {
        let places = Places::default();
        let hosts: Vec<_> = (0..100).map(|host| due(1, &format!("h{host}"))).collect();
        assert_eq!(allotted(&places, &hosts).iter().sum::<i64>(), 16);
        let organizations: Vec<_> = (0..100).map(|number| due(number, "h")).collect();
        assert_eq!(allotted(&places, &organizations).iter().sum::<i64>(), 16);
        assert_eq!(allotted(&places, &[due(1, "h")]), [16]);
    }

    #[test]
    fn who_hangs_takes_nothing_from_others() {
        let places = Places::default();
        let hanging: Vec<_> = (0..100).map(|host| due(1, &format!("h{host}"))).collect();
        let held = fill(&places, &hanging);
        assert_eq!(held.len(), 16);
        assert_eq!(allotted(&places, &hanging).iter().sum::<i64>(), 0);
        assert_eq!(allotted(&places, &[due(1, "other"), due(2, "other")]), [0, 16]);
        assert_eq!(places.allot(Room::Mail, &[due(1, "email")]).len(), 1);
        drop(held);
        assert_eq!(allotted(&places, &hanging[..1]), [16]);
    }

    #[test]
    fn a_backlog_takes_turns_with_the_others() {
        let places = Places::default();
        // The first lane has a thousand messages; nine others have as many places for the asking.
        let lanes: Vec<_> = (0..10).map(|number| due(number, &format!("h{number}"))).collect();
        assert_eq!(allotted(&places, &lanes), [8; 10]);
        let many: Vec<_> = (0..200).map(|number| due(number, &format!("h{number}"))).collect();
        assert_eq!(allotted(&places, &many)[..81], [[1; 80].as_slice(), &[0]].concat()[..]);
    }

    #[test]
    fn a_lane_gets_no_more_places_than_it_has_messages() {
        let (mut few, many) = (due(1, "a"), due(2, "b"));
        few.messages = 3;
        assert_eq!(allotted(&Places::default(), &[few, many]), [3, 16]);
    }

    #[test]
    fn slow_hosts_of_many_organizations_share_a_fifth() {
        let places = Places::default();
        let lanes: Vec<_> = (0..100).map(|number| due(number, &format!("h{number}"))).collect();
        {
            let mut rooms = places.uses();
            let web = rooms.entry(Room::Web).or_default();
            for lane in &lanes[..50] {
                web.enter(lane.organization_id, &lane.host);
                web.leave(lane.organization_id, &lane.host, SLOW * 2);
            }
        }
        assert_eq!(allotted(&places, &lanes[..50]).iter().sum::<i64>(), 16);
        let held = fill(&places, &lanes[..50]);
        assert_eq!(held.len(), 16);
        assert!(allotted(&places, &lanes[50..]).iter().all(|count| *count > 0));
        // Who answers again is slow no more.
        drop(held);
        assert_eq!(allotted(&places, &lanes[..1]), [16]);
    }
}
