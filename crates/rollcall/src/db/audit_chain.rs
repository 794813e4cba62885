//! The audit log as a hash chain for each organization: an edited, removed or reordered row is found.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::audit_entry::{self, Entry};
use super::{Error, Reader, Tx};
use crate::domain::event::{By, Event, Target};
use crate::domain::id::{CustomerId, EventId, OrganizationId};
use crate::entropy::{Entropy, uuid_v7};

/// Where a chain begins.
const START: [u8; 32] = [0; 32];

/// What one link seals.
struct Link<'a> {
    seq: i64,
    event_id: EventId,
    at: Timestamp,
    actor: Option<CustomerId>,
    action: &'a str,
    target_type: &'a str,
    target_id: &'a str,
    request_id: &'a str,
    ip_digest: &'a [u8],
}

impl<'a> Link<'a> {
    fn of(entry: &'a Entry) -> Self {
        Self {
            seq: entry.seq,
            event_id: entry.event_id,
            at: entry.at,
            actor: entry.actor,
            action: &entry.action,
            target_type: &entry.target_type,
            target_id: &entry.target_id,
            request_id: &entry.request_id,
            ip_digest: &entry.ip_digest,
        }
    }

    /// Each part with its length before it, so that none can run into the next.
    fn hash(&self, previous: &[u8]) -> [u8; 32] {
        let mut digest = Sha256::new();
        let actor = self.actor.map(|actor| actor.to_string()).unwrap_or_default();
        for part in [
            previous,
            &self.seq.to_be_bytes(),
            self.event_id.to_string().as_bytes(),
            &self.at.as_microsecond().to_be_bytes(),
            actor.as_bytes(),
            self.action.as_bytes(),
            self.target_type.as_bytes(),
            self.target_id.as_bytes(),
            self.request_id.as_bytes(),
            self.ip_digest,
        ] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        digest.finalize().into()
    }
}

fn ip_digest(salt: &[u8], ip: &str) -> [u8; 32] {
    Sha256::new().chain_update(salt).chain_update(ip).finalize().into()
}

/// Appends an event to the chain of its organization, or to the server's own where that organization is gone.
pub(super) fn append(
    tx: &Tx<'_>,
    entropy: &dyn Entropy,
    by: &By,
    now: Timestamp,
    event: &Event,
) -> Result<(), Error> {
    // Takes the head before it is looked at: whoever appends next waits for this commit, and builds on it.
    let own: Option<(i64, Vec<u8>)> = tx.fetch_optional(
        "insert into audit_head (organization_id, seq, hash)
         select organization_id, 1, $2 from organization where organization_id = $1
         on conflict (organization_id) do update set seq = audit_head.seq + 1
         returning seq, hash",
        (event.organization_id, START),
    )?;
    let (organization_id, (seq, previous)) = match own {
        Some(head) => (event.organization_id, head),
        None => (OrganizationId::NONE, server_head(tx)?),
    };
    let mut salt = [0; 16];
    entropy.fill(&mut salt);
    let ip = by.ip.map(|ip| ip.to_string());
    let digest = ip_digest(&salt, ip.as_deref().unwrap_or_default());
    let target_id = event.target.id();
    let link = Link {
        seq,
        event_id: uuid_v7(entropy, now).into(),
        at: now,
        actor: by.actor,
        action: event.action.name(),
        target_type: event.target.kind(),
        target_id: &target_id,
        request_id: &by.request_id,
        ip_digest: &digest,
    };
    let hash = link.hash(&previous);
    tx.send(
        "insert into audit_event (organization_id, seq, event_id, at, actor_id, action, target_type, target_id,
                                  request_id, ip, ip_salt, ip_digest, hash)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        (
            organization_id,
            link.seq,
            link.event_id,
            now,
            by.actor,
            link.action,
            link.target_type,
            &target_id,
            &by.request_id,
            ip,
            &salt[..],
            digest,
            hash,
        ),
    )?;
    tx.send("update audit_head set hash = $2 where organization_id = $1", (organization_id, hash))?;
    Ok(())
}

/// The same for the server's own chain.
fn server_head(tx: &Tx<'_>) -> Result<(i64, Vec<u8>), Error> {
    tx.fetch_one(
        "insert into audit_head (organization_id, seq, hash) values ($1, 1, $2)
         on conflict (organization_id) do update set seq = audit_head.seq + 1
         returning seq, hash",
        (OrganizationId::NONE, START),
    )
}

/// Erases from where somebody acted, in the logs of all organizations: those that they have left and those that are gone too. The
/// chain holds: it has the digest, whose salt goes too.
///
/// # Errors
/// See [`Error`].
pub fn erase_addresses(tx: &Tx<'_>, actor: CustomerId) -> Result<(), Error> {
    tx.execute(
        "update audit_event set ip = null, ip_salt = null where actor_id = $1 and ip is not null",
        (actor,),
    )?;
    Ok(())
}

/// Erases from where nobody who is known acted on something: on an account, or on an invitation to it, most of that is its owner's own.
///
/// # Errors
/// See [`Error`].
pub fn erase_strangers(tx: &Tx<'_>, target: Target) -> Result<(), Error> {
    tx.execute(
        "update audit_event set ip = null, ip_salt = null
         where target_id = $1 and actor_id is null and ip is not null",
        (target.id(),),
    )?;
    Ok(())
}

/// What a check of all chains found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// How many chains there are.
    pub chains: usize,
    /// How many events they hold.
    pub events: usize,
}

/// Where a chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A row was changed, removed or moved.
    #[error("the audit log of organization {0} does not hold at entry {1}: {2}")]
    Link(OrganizationId, i64, &'static str),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] Error),
}

/// Walks every chain.
///
/// # Errors
/// The first link that does not hold.
pub fn verify(reader: &Reader<'_>) -> Result<Verified, Broken> {
    let chains = audit_entry::chains(reader)?;
    let mut events = 0;
    for organization_id in &chains {
        events += verify_chain(reader, *organization_id)?;
    }
    Ok(Verified { chains: chains.len(), events })
}

fn verify_chain(reader: &Reader<'_>, organization_id: OrganizationId) -> Result<usize, Broken> {
    let broken = |seq, why| Broken::Link(organization_id, seq, why);
    let mut previous = START.to_vec();
    let mut last = 0;
    let mut events = 0;
    audit_entry::walk(reader, organization_id, |entry| {
        if entry.seq != last + 1 {
            return Err(broken(last + 1, "it is missing"));
        }
        // An address that was erased leaves its digest behind.
        if let Some(salt) = &entry.ip_salt
            && ip_digest(salt, entry.ip.as_deref().unwrap_or_default()).as_slice()
                != entry.ip_digest.as_slice()
        {
            return Err(broken(entry.seq, "its address was changed"));
        }
        if Link::of(&entry).hash(&previous).as_slice() != entry.hash.as_slice() {
            return Err(broken(entry.seq, "it was changed"));
        }
        last = entry.seq;
        previous = entry.hash;
        events += 1;
        Ok(())
    })?;
    let head: Option<(i64, Vec<u8>)> = reader
        .fetch_optional("select seq, hash from audit_head where organization_id = $1", (organization_id,))?;
    if head != Some((last, previous)) {
        return Err(broken(last + 1, "the end of the log is missing"));
    }
    Ok(events)
}
