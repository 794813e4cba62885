//! Password hashing: Argon2id in as many threads as there are cores, so that sign-ins cannot starve the rest.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tokio::sync::{Semaphore, oneshot};

use crate::entropy::Entropy;
use crate::problem::{Code, Problem};

/// How much work a hash is (RFC 9106 §4).
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Cost {
    /// What the service uses: 19 MiB and two passes, OWASP's first choice for Argon2id.
    pub const SERVICE: Self = Self { memory: 19_456, passes: 2 };
    /// The least that the algorithm allows. For tests alone.
    pub const TESTS: Self = Self { memory: 8, passes: 1 };
}

/// How many sign-ins may wait for a core before further ones are turned away.
const WAITING: usize = 64;
/// How long one waits for it: behind hashes that get little of a busy machine, 64 others may take longer than anybody stays.
const LONGEST: Duration = Duration::from_secs(5);

/// How much nicer a thread that hashes is than the others: the kernel gives it a tenth of the time that a busy one of those gets.
#[cfg(target_os = "linux")]
const NICER: i32 = 10;

/// The hasher of the process.
#[derive(Clone)]
pub struct Passwords {
    cost: Cost,
    cores: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    decoy: Arc<str>,
}

impl Passwords {
    /// A hasher for the given number of cores.
    #[must_use]
    pub fn new(cost: Cost, cores: usize, entropy: &dyn Entropy) -> Self {
        // Of no password at all: making one of a real password would cost every start the work of a hash.
        let mut nothing = [0; 32];
        entropy.fill(&mut nothing);
        let decoy = phc(cost, salt(entropy), nothing).into();
        Self {
            cost,
            cores: Arc::new(Semaphore::new(cores)),
            queue: Arc::new(Semaphore::new(WAITING + cores)),
            decoy,
        }
    }

    /// Says before anything is looked up for somebody that too many others wait: a flood is turned away at the least cost.
    ///
    /// # Errors
    /// 503 while too many others wait.
    pub fn room(&self) -> Result<(), Problem> {
        if self.queue.available_permits() == 0 { Err(Problem::new(Code::Unavailable)) } else { Ok(()) }
    }

    /// Hashes a new password to a PHC text.
    ///
    /// # Errors
    /// 503 while too many others wait.
    pub async fn hash(&self, password: &str, entropy: &dyn Entropy) -> Result<String, Problem> {
        let (cost, password, salt) = (self.cost, password.to_owned(), salt(entropy));
        self.compute(move || hash(cost, &password, salt)).await
    }

    /// Whether the password is the one of the hash. Without a hash (nobody has that address) the same work is done in vain.
    ///
    /// # Errors
    /// 503 while too many others wait.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, Problem> {
        let known = hash.is_some();
        let (password, hash) = (password.to_owned(), hash.unwrap_or(&self.decoy).to_owned());
        Ok(self.compute(move || matches(&password, &hash)).await? && known)
    }

    /// Whether a hash was made with other costs than today's, so that it is to be made anew at the next sign-in.
    #[must_use]
    pub fn outdated(&self, hash: &str) -> bool {
        !hash.contains(&format!("$m={},t={},", self.cost.memory, self.cost.passes))
    }

    async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let unavailable = || Problem::new(Code::Unavailable);
        let _waiting = self.queue.try_acquire().map_err(|_| unavailable())?;
        let core = tokio::time::timeout(LONGEST, self.cores.acquire()).await;
        let _core = core.map_err(|_| unavailable())?.map_err(|_| unavailable())?;
        let (done, outcome) = oneshot::channel();
        // Next to the hash, a thread of its own costs nothing; and its low priority goes with it.
        let thread = std::thread::Builder::new().name("password".to_owned()).spawn(move || {
            stand_back();
            // Nobody waits any more where the client has gone.
            let _ = done.send(work());
        });
        thread.map_err(|_| unavailable())?;
        outcome.await.map_err(|_| Problem::new(Code::Internal))
    }
}

/// Lets everything else go first: however many sign in at once, the cores are there for all other requests.
fn stand_back() {
    // Linux has a niceness for each thread; elsewhere it would be that of the whole process.
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{getpriority_process, setpriority_process};
        let nicer = getpriority_process(None).and_then(|nice| setpriority_process(None, nice + NICER));
        if let Err(error) = nicer {
            tracing::debug!(%error, "the priority of hashing stays as it was");
        }
    }
}

fn salt(entropy: &dyn Entropy) -> [u8; 16] {
    let mut salt = [0; 16];
    entropy.fill(&mut salt);
    salt
}

fn argon2(memory: u32, passes: u32, lanes: u32) -> Option<Argon2<'static>> {
    Params::new(memory, passes, lanes, Some(32))
        .ok()
        .map(|params| Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(cost: Cost, password: &str, salt: [u8; 16]) -> String {
    let mut out = [0; 32];
    argon2(cost.memory, cost.passes, 1)
        .expect("the costs are constants within the algorithm's limits")
        .hash_password_into(password.as_bytes(), &salt, &mut out)
        .expect("a password of bounded length and a salt of 16 bytes can be hashed");
    phc(cost, salt, out)
}

/// The text of a hash: PHC's format, from which its costs can be read.
fn phc(cost: Cost, salt: [u8; 16], hash: [u8; 32]) -> String {
    let (salt, out) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash));
    format!("$argon2id$v=19$m={},t={},p=1${salt}${out}", cost.memory, cost.passes)
}

fn matches(password: &str, phc: &str) -> bool {
    let Ok(parsed) = PasswordHash::new(phc) else { return false };
    argon2::PasswordVerifier::verify_password(&Argon2::default(), password.as_bytes(), &parsed).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;

    #[tokio::test]
    async fn only_the_right_password_matches_and_nobody_never_does() {
        let passwords = Passwords::new(Cost::TESTS, 2, &SystemEntropy);
        let hash = passwords.hash("a long passphrase", &SystemEntropy).await.expect("hashed");
        assert!(passwords.verify("a long passphrase", Some(&hash)).await.expect("verified"));
        assert!(!passwords.verify("another passphrase", Some(&hash)).await.expect("verified"));
        assert!(!passwords.verify("a long passphrase", None).await.expect("verified"));
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_too_long_for_a_core_is_turned_away() {
        let passwords = Passwords::new(Cost::TESTS, 1, &SystemEntropy);
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let first = passwords.compute(move || ended.recv());
        let second = passwords.verify("a long passphrase", None);
        let (_, refused) = tokio::join!(
            async { first.await.expect("it is let in").expect_err("nothing is ever sent") },
            async {
                let refused = second.await.map_err(|problem| problem.code);
                drop(end);
                refused
            }
        );
        assert_eq!(refused, Err(Code::Unavailable));
        assert!(!passwords.verify("a long passphrase", None).await.expect("there is room again"));
        assert!(passwords.room().is_ok());
        let all = u32::try_from(WAITING).expect("few") + 1;
        let _others = passwords.queue.try_acquire_many(all).expect("nobody waits");
        assert_eq!(passwords.room().map_err(|problem| problem.code), Err(Code::Unavailable));
    }

    #[tokio::test]
    async fn a_hash_of_other_costs_is_outdated_but_still_matches() {
        let passwords = Passwords::new(Cost::TESTS, 2, &SystemEntropy);
        let older = hash(Cost { memory: 16, passes: 1 }, "a long passphrase", [7; 16]);
        assert!(passwords.outdated(&older));
        assert!(passwords.verify("a long passphrase", Some(&older)).await.expect("verified"));
        let current = passwords.hash("a long passphrase", &SystemEntropy).await.expect("hashed");
        assert!(!passwords.outdated(&current));
    }
}
