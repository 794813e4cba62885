//! Accounts: signing up, confirming the address, a new password.

pub mod change_password;
pub mod confirm;
pub mod forgot_password;
pub mod resend_code;
pub mod reset_password;
pub mod sign_up;
pub(crate) mod store;
