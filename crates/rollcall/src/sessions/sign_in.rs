//! Signs in with address and password. A stranger learns nothing: the same work and the same answer for everybody.

use super::store::{self, Origin};
use super::tokens::{SignedIn, Tokens};
use crate::access;
use crate::accounts::store::{self as accounts, Credentials};
use crate::allowances::{backoff, client};
use crate::db::Tx;
use crate::domain::email_address::EmailAddress;
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::{OrganizationId, SessionId};
use crate::domain::password::GivenPassword;
use crate::http::open_command::{OpenCommand, Parts};
use crate::http::reply::Reply;
use crate::problem::{Code, Problem};

crate::body! {
    /// Who signs in.
    pub struct SignIn {
        /// The username.
        pub email: EmailAddress,
        /// The password.
        pub password: GivenPassword,
    }
}

/// Sign in
///
/// The access token lives for an hour, the refresh token for thirty days.
#[utoipa::path(
    post, path = "/v1/auth", tag = "Sessions", request_body = SignIn,
    responses(
        (status = 200, description = "You are signed in.", body = SignedIn),
        (status = 401, description = "`credentials_invalid`."),
        (status = 403, description = "`account_unconfirmed`: the password is right, but the address waits for its code."),
    ),
)]
pub async fn sign_in(command: OpenCommand<SignIn>) -> Result<Reply, Problem> {
    let SignIn { email, password } = command.body()?;
    command.app.passwords.room()?;
    let (app, by, now) = (command.app.clone(), command.by.clone(), command.now);
    let key = email.key();
    let counter = backoff::counter(&app, &by, &key);
    let known = command
        .app
        .db
        .read(move |reader| {
            client::admit(reader, &app, &by, &client::REFUSED_SIGN_INS, now)?;
            backoff::admit(reader, counter.as_ref(), now)?;
            accounts::credentials(reader, &key).map_err(Problem::from)
        })
        .await?;
    let hash = known.as_ref().map(Credentials::hash);
    let right = command.app.passwords.verify(password.as_str(), hash).await?;
    let known = match known {
        Some(Credentials::Customer { organization_id, customer_id, hash }) if right => {
            (organization_id, customer_id, hash)
        }
        Some(Credentials::SignUp { expires_at, .. }) if right && expires_at > command.now => {
            return unconfirmed(&command, counter).await;
        }
        known => return refuse(&command, counter, known.as_ref()).await,
    };
    let (organization_id, customer_id, hash) = known;
    let rehashed = if command.app.passwords.outdated(&hash) {
        Some(command.app.passwords.hash(password.as_str(), &*command.app.entropy).await?)
    } else {
        None
    };
    let session_id: SessionId = command.app.fresh_id(command.now);
    let tokens = Tokens::new(&command.app);
    let invalid = || Problem::new(Code::CredentialsInvalid);
    command
        .run(move |tx, command| {
            access::lock_organization(&tx, organization_id).map_err(|_| invalid())?;
            admit(&tx, command, counter.as_ref())?;
            // The password may have changed while it was being checked; from here on it cannot.
            if accounts::password_hash(&tx, organization_id, customer_id)?.as_deref() != Some(hash.as_str()) {
                return Err(invalid().into());
            }
            if let Some(rehashed) = &rehashed {
                accounts::set_password(&tx, organization_id, customer_id, rehashed)?;
            }
            backoff::forget(&tx, counter.as_ref())?;
            let ip = command.by.ip.map(|ip| ip.to_string());
            let origin = Origin { ip, user_agent: command.user_agent.as_deref() };
            store::insert(&tx, organization_id, customer_id, session_id, &origin, command.now)?;
            tokens.keep(&tx, organization_id, customer_id, session_id, command.now)?;
            let reply =
                Reply::ok(&tokens.signed_in(&tx, "You are signed in.", organization_id, customer_id)?);
            let event = Event::new(organization_id, Action::SessionStarted, Target::Session(session_id));
            command.commit_as(tx, customer_id, event, reply)
        })
        .await
}

/// Looks again when the password was checked: of many guesses at once, those count that were refused meanwhile.
fn admit(tx: &Tx<'_>, command: &Parts<SignIn>, counter: Option<&[u8; 32]>) -> Result<(), Problem> {
    backoff::admit(tx, counter, command.now)?;
    client::admit(tx, &command.app, &command.by, &client::REFUSED_SIGN_INS, command.now)
}

/// Tells who has the right password that the address waits for its code.
async fn unconfirmed(command: &OpenCommand<SignIn>, counter: Option<[u8; 32]>) -> Result<Reply, Problem> {
    command
        .run(move |tx, command| {
            admit(&tx, command, counter.as_ref())?;
            Err(Problem::new(Code::AccountUnconfirmed).into())
        })
        .await
}

/// Writes the refused try down, for a known address and an unknown one alike.
async fn refuse(
    command: &OpenCommand<SignIn>,
    counter: Option<[u8; 32]>,
    known: Option<&Credentials>,
) -> Result<Reply, Problem> {
    let (organization_id, target) = match known {
        Some(Credentials::Customer { organization_id, customer_id, .. }) => {
            (*organization_id, Target::Customer(*customer_id))
        }
        _ => (OrganizationId::NONE, Target::Server),
    };
    command
        .run(move |tx, command| {
            let now = command.now;
            let event = Event::new(organization_id, Action::SessionRefused, target);
            let waiting = admit(&tx, command, counter.as_ref()).err();
            backoff::failed(&tx, counter.as_ref(), now)?;
            client::note(&tx, &command.app, &command.by, &client::REFUSED_SIGN_INS, now)?;
            let refusal = waiting.unwrap_or_else(|| Problem::new(Code::CredentialsInvalid));
            command.refuse(tx, event, refusal)
        })
        .await
}
