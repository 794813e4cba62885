//! Things and their rules: pure, without I/O, clock or randomness. Singular nouns.

pub mod access;
pub mod channel;
pub mod channel_type;
pub mod channel_value;
pub mod email_address;
pub mod event;
pub mod feedback;
pub mod free_text;
pub mod id;
pub mod invalid;
pub mod invitation;
pub mod leaving;
mod line;
pub mod membership;
pub mod one_time_code;
pub mod organization_name;
pub mod password;
pub mod person_name;
pub mod phone_number;
pub mod plan;
pub mod priority;
pub mod role;
mod schema;
pub mod service_name;
pub mod team_name;
pub mod token;
pub mod web_address;
