//! The SQL of commands on feedback.

use jiff::Timestamp;

use crate::db::{Error, Tx};
use crate::domain::feedback::{Category, Rating};
use crate::domain::id::{CustomerId, FeedbackId, OrganizationId};

/// What somebody says.
pub(crate) struct Feedback<'a> {
    /// Who; none for who has left.
    pub(crate) customer_id: Option<CustomerId>,
    /// `feedback`, or `leaving` for the reason of a deletion.
    pub(crate) kind: &'static str,
    pub(crate) message: &'a str,
    pub(crate) category: Option<Category>,
    pub(crate) rating: Option<Rating>,
}

/// Keeps it.
pub(crate) fn insert(
    tx: &Tx<'_>,
    organization_id: OrganizationId,
    feedback_id: FeedbackId,
    feedback: &Feedback<'_>,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "insert into feedback (organization_id, feedback_id, customer_id, kind, message, category, rating, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        (
            organization_id,
            feedback_id,
            feedback.customer_id,
            feedback.kind,
            feedback.message,
            feedback.category.map(Category::as_str),
            feedback.rating.map(Rating::get),
            now,
        ),
    )?;
    Ok(())
}

/// Leaves what a customer said without a name.
pub(crate) fn forget_customer(
    tx: &Tx<'_>,
    organization_id: OrganizationId,
    customer_id: CustomerId,
) -> Result<(), Error> {
    tx.execute(
        "update feedback set customer_id = null where organization_id = $1 and customer_id = $2",
        (organization_id, customer_id),
    )?;
    Ok(())
}
