//! Name look-up under the guard: every address is checked, and only checked ones are connected to.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::{GuardRules, Refused, check_address};

/// A look-up under way.
pub type Looking = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Something that knows the addresses of names; a test may put a hostile one here.
pub trait Lookup: Send + Sync {
    /// All addresses of `name`.
    fn lookup(&self, name: String) -> Looking;
}

/// The system's own look-up.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, name: String) -> Looking {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// The resolver of the guarded HTTP client: one look-up for each connection, whose checked answer is what the
/// connection is made to. There is no second look-up that could answer differently (DNS rebinding).
pub(crate) struct GuardedResolver {
    rules: GuardRules,
    lookup: Arc<dyn Lookup>,
}

impl GuardedResolver {
    pub(crate) fn new(rules: GuardRules, lookup: Arc<dyn Lookup>) -> Self {
        Self { rules, lookup }
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let rules = self.rules.clone();
        let looking = self.lookup.lookup(name.as_str().to_owned());
        Box::pin(async move {
            let found = check_all(&rules, looking.await?)?;
            // Port 0: the client puts the URL's port there.
            Ok(Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}

/// All of the addresses, or a refusal if ANY of them is forbidden: a mixed answer is an attack or a mistake.
fn check_all(rules: &GuardRules, found: Vec<IpAddr>) -> Result<Vec<IpAddr>, Refused> {
    found.iter().try_for_each(|address| check_address(rules, *address))?;
    Ok(found)
}
