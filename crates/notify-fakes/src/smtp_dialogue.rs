//! The server's side of one SMTP connection (RFC 5321).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{self, AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;

use crate::mail::Mail;
use crate::smtp::{Shared, SmtpBehaviour, SmtpEncryption, SmtpFault};
use crate::tls::{self, TlsCertificate};

/// A connection, encrypted or not.
trait Pipe: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Pipe for T {}

type Stream = BufStream<Box<dyn Pipe>>;

/// The envelope of the mail under way.
#[derive(Default)]
struct Envelope {
    from: Option<String>,
    parameters: Vec<String>,
    to: Vec<String>,
}

/// Talks until the client leaves or a fault ends it.
pub(crate) async fn serve(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut encrypted = shared.behaviour().encryption == SmtpEncryption::Implicit;
    let pipe: Box<dyn Pipe> = if encrypted {
        Box::new(tls::acceptor(TlsCertificate::Good).accept(stream).await?)
    } else {
        Box::new(stream)
    };
    let mut stream = BufStream::new(pipe);
    match shared.behaviour().fault {
        Some(SmtpFault::GreetBusy) => return say(&mut stream, "421 fake.test too busy, try later").await,
        Some(SmtpFault::NoGreeting) => std::future::pending::<()>().await,
        _ => say(&mut stream, "220 fake.test ESMTP").await?,
    }
    let mut envelope = Envelope::default();
    let mut authenticated = false;
    while let Some(line) = line(&mut stream).await? {
        let line = String::from_utf8_lossy(&line).into_owned();
        shared.commands.push(line.clone());
        let behaviour = shared.behaviour();
        let upper = line.to_ascii_uppercase();
        if upper.starts_with("EHLO") || upper.starts_with("HELO") {
            envelope = Envelope::default();
            say(&mut stream, &capabilities(&behaviour, encrypted)).await?;
        } else if upper == "STARTTLS" {
            let injected = match behaviour.encryption {
                SmtpEncryption::StartTlsWithInjected(text) => text,
                SmtpEncryption::StartTls => String::new(),
                _ => return say(&mut stream, "220 go ahead").await,
            };
            // One write, so that both are read together.
            stream.write_all(format!("220 go ahead\r\n{injected}").as_bytes()).await?;
            stream.flush().await?;
            stream = BufStream::new(Box::new(
                tls::acceptor(TlsCertificate::Good).accept(stream.into_inner()).await?,
            ));
            encrypted = true;
        } else if let Some(proof) =
            upper.strip_prefix("AUTH PLAIN").map(|rest| line[line.len() - rest.len()..].trim())
        {
            authenticated = is_right(&behaviour, proof);
            say(&mut stream, if authenticated { "235 welcome" } else { "535 wrong credentials" }).await?;
        } else if upper.starts_with("MAIL FROM:") {
            if behaviour.credentials.is_some() && !authenticated {
                say(&mut stream, "530 authenticate first").await?;
                continue;
            }
            let (address, parameters) = path(&line["MAIL FROM:".len()..]);
            envelope = Envelope { from: Some(address), parameters, to: Vec::new() };
            say(&mut stream, "250 sender ok").await?;
        } else if upper.starts_with("RCPT TO:") {
            let (address, _) = path(&line["RCPT TO:".len()..]);
            match behaviour.fault {
                Some(SmtpFault::RecipientLater) => say(&mut stream, "451 greylisted, try later").await?,
                Some(SmtpFault::RecipientRefused) => {
                    say(&mut stream, &format!("550 5.1.1 <{address}>: no such user")).await?;
                }
                _ if envelope.from.is_none() => say(&mut stream, "503 MAIL first").await?,
                _ => {
                    envelope.to.push(address);
                    say(&mut stream, "250 recipient ok").await?;
                }
            }
        } else if upper == "DATA" {
            if envelope.to.is_empty() {
                say(&mut stream, "503 RCPT first").await?;
                continue;
            }
            say(&mut stream, "354 end with a dot").await?;
            let Some(raw) = data(&mut stream).await? else { return Ok(()) };
            match behaviour.fault {
                Some(SmtpFault::HangAfterData) => std::future::pending::<()>().await,
                Some(SmtpFault::DropBeforeReply) => return Ok(()),
                _ => {}
            }
            let Envelope { from, parameters, to } = std::mem::take(&mut envelope);
            // Answered before it is kept would let a test see the answer first; kept first is how servers promise it.
            shared.mails.push(Mail::new(from.unwrap_or_default(), to, parameters, raw));
            say(&mut stream, "250 2.0.0 kept").await?;
        } else if upper == "RSET" {
            envelope = Envelope::default();
            say(&mut stream, "250 reset").await?;
        } else if upper == "NOOP" {
            say(&mut stream, "250 here").await?;
        } else if upper == "QUIT" {
            return say(&mut stream, "221 bye").await;
        } else {
            say(&mut stream, "502 not implemented").await?;
        }
    }
    Ok(())
}

fn capabilities(behaviour: &SmtpBehaviour, encrypted: bool) -> String {
    let mut lines = vec!["fake.test", "PIPELINING"];
    if behaviour.eight_bit_mime {
        lines.push("8BITMIME");
    }
    if behaviour.smtputf8 {
        lines.push("SMTPUTF8");
    }
    if behaviour.encryption != SmtpEncryption::None && !encrypted {
        lines.push("STARTTLS");
    }
    if behaviour.credentials.is_some() {
        lines.push("AUTH PLAIN");
    }
    let last = lines.len() - 1;
    let numbered =
        lines.iter().enumerate().map(|(n, line)| format!("250{}{line}", if n < last { '-' } else { ' ' }));
    numbered.collect::<Vec<_>>().join("\r\n")
}

/// RFC 4616: identity, user and password, separated by NUL.
fn is_right(behaviour: &SmtpBehaviour, proof: &str) -> bool {
    let Some((user, password)) = &behaviour.credentials else { return false };
    STANDARD.decode(proof).is_ok_and(|decoded| decoded == format!("\0{user}\0{password}").into_bytes())
}

/// `<address> PARAMETERS…`.
fn path(text: &str) -> (String, Vec<String>) {
    let (address, parameters) = text.trim().split_once('>').unwrap_or((text.trim(), ""));
    (address.trim_start_matches('<').to_owned(), parameters.split_whitespace().map(str::to_owned).collect())
}

/// The text up to the dot, dots unstuffed. Only CR LF ends a line (RFC 5321 §2.3.8): a bare LF is text.
async fn data(stream: &mut Stream) -> io::Result<Option<Vec<u8>>> {
    let mut raw = Vec::new();
    loop {
        match line(stream).await? {
            None => return Ok(None),
            Some(line) if line == b"." => return Ok(Some(raw)),
            Some(line) => {
                raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
                raw.extend_from_slice(b"\r\n");
            }
        }
    }
}

/// The next line without its CR LF; `None` at the end.
async fn line(stream: &mut Stream) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    loop {
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Ok(None);
        }
        if let Some(whole) = line.strip_suffix(b"\r\n") {
            return Ok(Some(whole.to_vec()));
        }
    }
}

async fn say(stream: &mut Stream, text: &str) -> io::Result<()> {
    stream.write_all(format!("{text}\r\n").as_bytes()).await?;
    stream.flush().await
}
