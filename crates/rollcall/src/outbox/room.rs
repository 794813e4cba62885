//! Where a message waits: in the room of its transport, and there in the lane of its organization and receiving host.
//!
//! The worker serves the lanes of a room in turn, so that neither a backlog nor a receiver that hangs holds up others.

use notify::{Destination, Transport};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::domain::id::{Id, OrganizationId};

/// A room has places of its own: what happens in one is not felt in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Room {
    /// To the mail server.
    Mail,
    /// To the gateways that the operator chose.
    Gateway,
    /// To hosts that customers chose.
    Web,
}

impl Room {
    pub(super) const ALL: [Self; 3] = [Self::Mail, Self::Gateway, Self::Web];

    pub(super) fn of(transport: Transport) -> Self {
        match transport {
            Transport::Email => Self::Mail,
            Transport::Sms | Transport::Phone | Transport::Telegram | Transport::PagerDuty => Self::Gateway,
            Transport::Webhook
            | Transport::Slack
            | Transport::MsTeams
            | Transport::Discord
            | Transport::Ntfy
            | Transport::Push => Self::Web,
        }
    }

    /// Its name in the queue.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Gateway => "gateway",
            Self::Web => "web",
        }
    }
}

/// The server that takes the message: the transport's name, or host and port where customers choose it.
pub(super) fn host(receiver: &Destination) -> String {
    if Room::of(receiver.transport()) != Room::Web {
        return receiver.transport().as_str().to_owned();
    }
    url::Url::parse(receiver.address()).ok().map_or_else(String::new, |url| {
        let port = url.port_or_known_default().unwrap_or_default();
        format!("{}:{port}", url.host_str().unwrap_or_default())
    })
}

/// The lane: a digest, so that nobody chooses where in the turn it stands.
pub(super) fn lane(room: Room, organization_id: OrganizationId, host: &str) -> Uuid {
    let mut digest = Sha256::new();
    digest.update(organization_id.uuid().as_bytes());
    digest.update(room.as_str());
    digest.update([0]);
    digest.update(host);
    let digest: [u8; 32] = digest.finalize().into();
    let mut lane = [0; 16];
    lane.copy_from_slice(&digest[..16]);
    Uuid::from_bytes(lane)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_is_one_organization_at_one_host() {
        let webhook = |url: &str| host(&Destination::Webhook { url: url.to_owned(), secrets: Vec::new() });
        assert_eq!(webhook("https://Example.com/a?b"), "example.com:443");
        assert_eq!(webhook("http://127.0.0.1:8080/"), "127.0.0.1:8080");
        assert_eq!(host(&Destination::Slack("https://hooks.slack.com/a".into())), "hooks.slack.com:443");
        assert_eq!(host(&Destination::PagerDuty("key".into())), "pagerduty");
        let (one, other) = (OrganizationId::NONE, OrganizationId::from(Uuid::max()));
        let lanes = [
            lane(Room::Web, one, "a:443"),
            lane(Room::Web, other, "a:443"),
            lane(Room::Web, one, "b:443"),
            lane(Room::Mail, one, "a:443"),
        ];
        for (index, lane) in lanes.iter().enumerate() {
            assert!(!lanes[index + 1..].contains(lane));
        }
        assert_eq!(lane(Room::Web, one, "a:443"), lanes[0]);
    }
}
