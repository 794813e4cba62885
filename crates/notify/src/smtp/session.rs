//! One connection to the mail server: made, encrypted, authenticated, and used for one mail after another.

use std::io;
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as MailCommand, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::line_stream::LineStream;
use super::mail::Mail;
use super::{SmtpServer, SmtpTls};
use crate::causes::causes;

/// How long a parting QUIT may take; nobody waits for it.
const PARTING: Duration = Duration::from_secs(1);

/// What the server said.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) code: u16,
    pub(super) text: String,
}

/// Why a mail was not taken.
#[derive(Debug)]
pub(super) enum Failure {
    /// No connection.
    Unreachable,
    /// The server cannot encrypt, and must.
    TlsMissing,
    /// The encryption failed: certificate, protocol, or injected plain text.
    Tls,
    /// Our credentials are refused, or the server has no way to take them.
    Credentials,
    /// A local part outside ASCII, and a server without SMTPUTF8.
    Internationalized,
    /// A negative reply to the greeting, the envelope or the text.
    Reply(Reply),
    /// The connection ended, or the server spoke no proper SMTP.
    Broken,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if let Some(code) = error.status() {
            let text = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            Self::Reply(Reply { code: code.into(), text })
        } else if error.is_tls() || is_handshake(&error) {
            Self::Tls
        } else {
            Self::Broken
        }
    }
}

/// Whether TLS itself failed, a certificate for one: the library reports that like any failed connection, and TLS says
/// "invalid data" where the network never does.
fn is_handshake(error: &Error) -> bool {
    let mut io_errors = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>());
    io_errors.any(|cause| cause.kind() == io::ErrorKind::InvalidData)
}

/// Makes connections to one server.
pub(super) struct Connector {
    server: SmtpServer,
    /// `None` only where encryption is optional and could not be set up.
    tls: Option<TlsParameters>,
    hello: ClientId,
    patience: Duration,
}

impl Connector {
    /// Fails where encryption is demanded and cannot be set up.
    pub(super) fn new(server: SmtpServer, patience: Duration) -> Result<Self, Error> {
        let tls = match (encryption(&server), server.tls()) {
            (Ok(tls), _) => Some(tls),
            (Err(_), SmtpTls::Opportunistic) => None,
            (Err(error), _) => return Err(error),
        };
        Ok(Self { server, tls, hello: ClientId::default(), patience })
    }

    pub(super) fn password(&self) -> Option<&str> {
        self.server.credentials().map(|(_, password)| password)
    }

    /// Connects, encrypts as the setting says, and signs in.
    pub(super) async fn connect(&self) -> Result<Session, Failure> {
        let mut connection = match self.server.tls() {
            SmtpTls::Implicit => self.connect_encrypted().await?,
            SmtpTls::Required | SmtpTls::Opportunistic => self.connect_and_upgrade().await?,
        };
        if let Some((user, password)) = self.server.credentials() {
            let credentials = Credentials::new(user.to_owned(), password.to_owned());
            if let Err(error) = connection.auth(DEFAULT_MECHANISMS, &credentials).await {
                return Err(match Failure::from(error) {
                    Failure::Reply(reply) if (400..500).contains(&reply.code) => Failure::Reply(reply),
                    _ => Failure::Credentials,
                });
            }
        }
        Ok(Session { connection })
    }

    async fn connect_encrypted(&self) -> Result<AsyncSmtpConnection, Failure> {
        let place = (self.server.host(), self.server.port());
        let tls = self.tls.clone().ok_or(Failure::Tls)?;
        let connecting =
            AsyncSmtpConnection::connect_tokio1(place, Some(self.patience), &self.hello, Some(tls), None);
        connecting.await.map_err(|error| match Failure::from(error) {
            Failure::Broken => Failure::Unreachable,
            failure => failure,
        })
    }

    async fn connect_and_upgrade(&self) -> Result<AsyncSmtpConnection, Failure> {
        let connecting = TcpStream::connect((self.server.host(), self.server.port()));
        let Ok(Ok(stream)) = timeout(self.patience, connecting).await else {
            return Err(Failure::Unreachable);
        };
        // SMTP is short lines to and fro: each would otherwise wait for the acknowledgement of the one before.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY was refused");
        }
        let stream = Box::new(LineStream::new(stream));
        let mut connection = AsyncSmtpConnection::connect_with_transport(stream, &self.hello).await?;
        if connection.can_starttls() {
            let tls = self.tls.clone().ok_or(Failure::Tls)?;
            // Offered and failed is a failure even where encryption is optional: going on in plain text is what
            // somebody in between would wish for.
            connection.starttls(tls, &self.hello).await.map_err(|_| Failure::Tls)?;
        } else if self.server.tls() == SmtpTls::Required {
            Session { connection }.leave();
            return Err(Failure::TlsMissing);
        }
        Ok(connection)
    }
}

fn encryption(server: &SmtpServer) -> Result<TlsParameters, Error> {
    let mut builder = TlsParameters::builder(server.host().to_owned());
    if let Some(root) = server.root() {
        builder = builder.add_root_certificate(Certificate::from_pem(root)?);
    }
    builder.build()
}

/// A connection ready for a mail.
pub(super) struct Session {
    connection: AsyncSmtpConnection,
}

impl Session {
    /// Hands over one mail; the reply is the one to the text. After a failure the session is to be left.
    pub(super) async fn send(&mut self, mail: &Mail) -> Result<Reply, Failure> {
        let mut parameters = Vec::new();
        if mail.is_internationalized() {
            if !self.connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                return Err(Failure::Internationalized);
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if !mail.octets.is_ascii() && self.connection.server_info().supports_feature(Extension::EightBitMime)
        {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        self.connection.command(MailCommand::new(Some(mail.from.clone()), parameters)).await?;
        self.connection.command(Rcpt::new(mail.to.clone(), Vec::new())).await?;
        self.connection.command(Data).await?;
        let response = self.connection.message(&mail.octets).await?;
        let text = response.message().collect::<Vec<_>>().join(" ");
        match u16::from(response.code()) {
            code @ 200..=299 => Ok(Reply { code, text }),
            // "Go on" after the end of the text is no acceptance.
            _ => Err(Failure::Broken),
        }
    }

    /// Whether the server still listens.
    pub(super) async fn is_alive(&mut self) -> bool {
        self.connection.test_connected().await
    }

    /// Says goodbye in the background, briefly: an outcome that is known does not wait for it.
    pub(super) fn leave(mut self) {
        tokio::spawn(async move { timeout(PARTING, self.connection.quit()).await.is_ok() });
    }
}
