//! A mail server: takes what it is given and keeps it, or fails in a chosen way.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};

use crate::kept::{Kept, locked};
use crate::mail::Mail;
use crate::smtp_dialogue;

/// How the server fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpFault {
    /// 421 instead of a greeting.
    GreetBusy,
    /// No greeting at all.
    NoGreeting,
    /// 451 to RCPT.
    RecipientLater,
    /// 550 to RCPT.
    RecipientRefused,
    /// Takes the text and never answers.
    HangAfterData,
    /// Takes the text and closes without the final 250. The mail counts as not received.
    DropBeforeReply,
}

/// How the server encrypts. Its certificate is signed by [`crate::ROOT_PEM`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SmtpEncryption {
    /// Not at all; STARTTLS is not offered.
    None,
    /// From the first octet.
    Implicit,
    /// After STARTTLS.
    StartTls,
    /// After STARTTLS, with plain text slipped in behind its "220", as somebody in between would.
    StartTlsWithInjected(String),
    /// Offers STARTTLS and hangs up on who uses it.
    StartTlsBroken,
}

/// What the server offers, and how it fails.
#[derive(Clone, Debug)]
pub struct SmtpBehaviour {
    /// Offers `8BITMIME`.
    pub eight_bit_mime: bool,
    /// Offers `SMTPUTF8`.
    pub smtputf8: bool,
    /// How it encrypts.
    pub encryption: SmtpEncryption,
    /// Offers `AUTH PLAIN` and wants this user and password.
    pub credentials: Option<(String, String)>,
    /// How it fails.
    pub fault: Option<SmtpFault>,
}

impl Default for SmtpBehaviour {
    fn default() -> Self {
        Self {
            eight_bit_mime: true,
            smtputf8: true,
            encryption: SmtpEncryption::None,
            credentials: None,
            fault: None,
        }
    }
}

/// What connections share.
pub(crate) struct Shared {
    pub(crate) mails: Kept<Mail>,
    pub(crate) commands: Kept<String>,
    behaviour: Mutex<SmtpBehaviour>,
}

impl Shared {
    pub(crate) fn behaviour(&self) -> SmtpBehaviour {
        locked(&self.behaviour).clone()
    }
}

/// The running server.
pub struct FakeSmtp {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: AbortHandle,
}

impl FakeSmtp {
    /// Starts one that takes everything, unencrypted, on a free port of 127.0.0.1.
    ///
    /// # Panics
    /// If loopback cannot be listened on.
    pub async fn start() -> Self {
        Self::with(SmtpBehaviour::default()).await
    }

    /// Starts one that behaves so.
    ///
    /// # Panics
    /// If loopback cannot be listened on.
    pub async fn with(behaviour: SmtpBehaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback can be listened on");
        let address = listener.local_addr().expect("a listener has an address");
        let shared = Arc::new(Shared {
            mails: Kept::default(),
            commands: Kept::default(),
            behaviour: Mutex::new(behaviour),
        });
        let state = Arc::clone(&shared);
        let accepting = tokio::spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&state);
                // Replies are short lines that the client waits for.
                stream.set_nodelay(true).expect("a socket takes the option");
                open.spawn(async move { smtp_dialogue::serve(stream, &state).await.is_ok() });
                while open.try_join_next().is_some() {}
            }
        });
        Self { address, shared, accepting: accepting.abort_handle() }
    }

    /// Sets how it fails from now on; `None` mends it.
    pub fn fail(&self, fault: impl Into<Option<SmtpFault>>) {
        locked(&self.shared.behaviour).fault = fault.into();
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The setting that names this server.
    #[must_use]
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// The mails taken so far.
    #[must_use]
    pub fn messages(&self) -> Vec<Mail> {
        self.shared.mails.all()
    }

    /// How many mails it took so far that are such.
    #[must_use]
    pub fn count(&self, such: impl Fn(&Mail) -> bool) -> usize {
        self.shared.mails.look(|all| all.iter().filter(|mail| such(mail)).count())
    }

    /// Every line that clients sent as a command, in order: what they never sent is not there.
    #[must_use]
    pub fn commands(&self) -> Vec<String> {
        self.shared.commands.all()
    }

    /// Waits for a mail that `wanted` accepts.
    ///
    /// # Panics
    /// After [`crate::PATIENCE`].
    pub async fn wait_for(&self, wanted: impl Fn(&Mail) -> bool) -> Mail {
        self.wait_until(|all| all.iter().find(|mail| wanted(mail)).cloned()).await
    }

    /// Waits until `found` sees what it looks for in the mails taken so far.
    ///
    /// # Panics
    /// After [`crate::PATIENCE`].
    pub async fn wait_until<R>(&self, found: impl Fn(&[Mail]) -> Option<R>) -> R {
        self.shared.mails.wait("such mail", found).await
    }

    /// Waits for the n-th mail, counted from one, in which something is found; gives what it was.
    ///
    /// # Panics
    /// After [`crate::PATIENCE`].
    pub async fn wait_for_nth<R>(&self, n: usize, found: impl Fn(&Mail) -> Option<R>) -> R {
        self.wait_until(|all| all.iter().filter_map(&found).nth(n - 1)).await
    }

    /// Waits until there are `n` mails, and gives all.
    ///
    /// # Panics
    /// After [`crate::PATIENCE`].
    pub async fn wait_for_count(&self, n: usize) -> Vec<Mail> {
        self.shared.mails.wait_for("mail", n).await
    }
}

impl Drop for FakeSmtp {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
