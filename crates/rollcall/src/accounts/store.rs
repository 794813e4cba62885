//! The SQL of accounts: sign-ups, customers, their passwords.

use jiff::{SignedDuration, Timestamp};

use crate::db::{Error, Reader, Tx};
use crate::domain::email_address::EmailAddress;
use crate::domain::id::{CustomerId, InvitationId, OrganizationId};
use crate::domain::plan::Plan;

/// How long a sign-up waits for its code.
const SIGN_UP_LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// Whose password is to be compared.
pub(crate) enum Credentials {
    /// A customer's.
    Customer {
        /// Home.
        organization_id: OrganizationId,
        /// Who.
        customer_id: CustomerId,
        /// The PHC text.
        hash: String,
    },
    /// That of a sign-up which waits for its code.
    SignUp {
        /// The PHC text.
        hash: String,
        /// Until when it waits.
        expires_at: Timestamp,
    },
}

impl Credentials {
    /// The PHC text.
    pub(crate) fn hash(&self) -> &str {
        match self {
            Self::Customer { hash, .. } | Self::SignUp { hash, .. } => hash,
        }
    }
}

/// A person before the account is there.
pub(crate) struct NewAccount<'a> {
    pub(crate) email: &'a str,
    pub(crate) email_key: &'a str,
    pub(crate) name: &'a str,
    pub(crate) surname: &'a str,
    pub(crate) password_hash: &'a str,
}

/// A sign-up that waits for its code.
#[derive(Debug, Clone)]
pub(crate) struct SignUp {
    pub(crate) email: String,
    pub(crate) email_key: String,
    pub(crate) name: String,
    pub(crate) surname: String,
    pub(crate) password_hash: String,
    /// The invitation that it came by.
    pub(crate) invitation: Option<(OrganizationId, InvitationId)>,
}

/// A customer, found by address.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) organization_id: OrganizationId,
    pub(crate) customer_id: CustomerId,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) surname: String,
}

/// The password behind an address: a customer's, else a sign-up's.
pub(crate) fn credentials(reader: &Reader<'_>, email_key: &str) -> Result<Option<Credentials>, Error> {
    let customer: Option<(OrganizationId, CustomerId, String)> = reader.fetch_optional(
        "select customer.organization_id, customer.customer_id, customer.password_hash
         from identity
         join customer on customer.organization_id = identity.organization_id
              and customer.customer_id = identity.customer_id
         where identity.email_key = $1",
        (email_key,),
    )?;
    if let Some((organization_id, customer_id, hash)) = customer {
        return Ok(Some(Credentials::Customer { organization_id, customer_id, hash }));
    }
    let sign_up: Option<(String, Timestamp)> = reader
        .fetch_optional("select password_hash, expires_at from sign_up where email_key = $1", (email_key,))?;
    Ok(sign_up.map(|(hash, expires_at)| Credentials::SignUp { hash, expires_at }))
}

/// The customer of an address.
pub(crate) fn find(reader: &Reader<'_>, email_key: &str) -> Result<Option<Known>, Error> {
    let row: Option<(OrganizationId, CustomerId, String, String, String)> = reader.fetch_optional(
        "select organization_id, customer_id, email, name, surname from identity where email_key = $1",
        (email_key,),
    )?;
    Ok(row.map(|(organization_id, customer_id, email, name, surname)| Known {
        organization_id,
        customer_id,
        email,
        name,
        surname,
    }))
}

/// A customer by id, with the PHC text of the password.
pub(super) fn own(
    reader: &Reader<'_>,
    organization_id: OrganizationId,
    customer_id: CustomerId,
) -> Result<Option<(Known, String)>, Error> {
    let row: Option<(String, String, String, String)> = reader.fetch_optional(
        "select identity.email, identity.name, identity.surname, customer.password_hash
         from customer join identity on identity.customer_id = customer.customer_id
         where customer.organization_id = $1 and customer.customer_id = $2",
        (organization_id, customer_id),
    )?;
    Ok(row.map(|(email, name, surname, hash)| {
        (Known { organization_id, customer_id, email, name, surname }, hash)
    }))
}

/// Whether there is any customer yet: the very first may always sign up.
pub(crate) fn any_customer(reader: &Reader<'_>) -> Result<bool, Error> {
    Ok(reader.fetch_optional::<(i64,)>("select 1 from identity limit 1", ())?.is_some())
}

/// Keeps a sign-up; one for the same address gives way.
pub(crate) fn put_sign_up(
    tx: &Tx<'_>,
    account: &NewAccount<'_>,
    invitation: Option<(OrganizationId, InvitationId)>,
    now: Timestamp,
) -> Result<(), Error> {
    let (organization_id, invitation_id) = invitation.unzip();
    tx.execute(
        "insert into sign_up (email_key, email, name, surname, password_hash, invitation_organization_id,
                              invitation_id, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (email_key) do update
         set email = excluded.email, name = excluded.name, surname = excluded.surname,
             password_hash = excluded.password_hash,
             invitation_organization_id = excluded.invitation_organization_id,
             invitation_id = excluded.invitation_id,
             created_at = excluded.created_at, expires_at = excluded.expires_at",
        (
            account.email_key,
            account.email,
            account.name,
            account.surname,
            account.password_hash,
            organization_id,
            invitation_id,
            now,
            now + SIGN_UP_LIFETIME,
        ),
    )?;
    Ok(())
}

/// The sign-up of an address, unless its time is over.
pub(crate) fn sign_up(reader: &Reader<'_>, email_key: &str, now: Timestamp) -> Result<Option<SignUp>, Error> {
    let row: Option<(String, String, String, String, Option<OrganizationId>, Option<InvitationId>)> = reader
        .fetch_optional(
            "select email, name, surname, password_hash, invitation_organization_id, invitation_id
             from sign_up where email_key = $1 and expires_at > $2",
            (email_key, now),
        )?;
    Ok(row.map(|(email, name, surname, password_hash, organization_id, invitation_id)| SignUp {
        email,
        email_key: email_key.to_owned(),
        name,
        surname,
        password_hash,
        invitation: organization_id.zip(invitation_id),
    }))
}

/// Forgets the sign-up of an address.
pub(crate) fn delete_sign_up(tx: &Tx<'_>, email_key: &str) -> Result<(), Error> {
    tx.execute("delete from sign_up where email_key = $1", (email_key,))?;
    Ok(())
}

/// Makes an organization on a plan.
pub(crate) fn insert_organization(
    tx: &Tx<'_>,
    organization_id: OrganizationId,
    name: &str,
    plan: &Plan,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "insert into organization (organization_id, name, plan, plan_version, created_at)
         values ($1, $2, $3, $4, $5)",
        (organization_id, name, &plan.plan, &plan.version, now),
    )?;
    Ok(())
}

/// Makes a customer. [`Error::Unique`] `identity.email_key` where the address is taken.
pub(crate) fn insert_customer(
    tx: &Tx<'_>,
    organization_id: OrganizationId,
    customer_id: CustomerId,
    account: &NewAccount<'_>,
    root: bool,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "insert into identity (customer_id, organization_id, email, email_key, name, surname, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        (customer_id, organization_id, account.email, account.email_key, account.name, account.surname, now),
    )?;
    tx.execute(
        "insert into customer (organization_id, customer_id, root, password_hash) values ($1, $2, $3, $4)",
        (organization_id, customer_id, root, account.password_hash),
    )?;
    Ok(())
}

/// The PHC text of a customer's password.
pub(crate) fn password_hash(
    reader: &Reader<'_>,
    organization_id: OrganizationId,
    customer_id: CustomerId,
) -> Result<Option<String>, Error> {
    let row: Option<(String,)> = reader.fetch_optional(
        "select password_hash from customer where organization_id = $1 and customer_id = $2",
        (organization_id, customer_id),
    )?;
    Ok(row.map(|(hash,)| hash))
}

/// Sets a customer's password.
pub(crate) fn set_password(
    tx: &Tx<'_>,
    organization_id: OrganizationId,
    customer_id: CustomerId,
    hash: &str,
) -> Result<(), Error> {
    tx.execute(
        "update customer set password_hash = $3, version = version + 1
         where organization_id = $1 and customer_id = $2",
        (organization_id, customer_id, hash),
    )?;
    Ok(())
}

impl EmailAddress {
    /// The parts of a new account that an address gives.
    pub(crate) fn account<'a>(
        &'a self,
        email_key: &'a str,
        name: &'a str,
        surname: &'a str,
        password_hash: &'a str,
    ) -> NewAccount<'a> {
        NewAccount { email: self.as_str(), email_key, name, surname, password_hash }
    }
}
