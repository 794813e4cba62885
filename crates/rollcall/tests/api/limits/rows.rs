//! Every limit, one row each: what spends it, how often, in which time, and by what it is counted.

use std::time::Duration;

use super::hold::{Row, hold};
use super::world::Counted::{Address, Everybody, Network, Number, One};

const MINUTE: Duration = Duration::from_secs(60);
const TEN_MINUTES: Duration = Duration::from_secs(10 * 60);
const QUARTER: Duration = Duration::from_secs(15 * 60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const MONTH: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A test for each row, and all of them as a list.
macro_rules! limits {
    ($($test:ident: $name:literal, $limit:literal in $window:expr, $counted:ident, $spend:literal;)+) => {
        pub(super) const ROWS: &[Row] = &[
            $(Row { name: $name, limit: $limit, window: $window, counted: $counted, spend: $spend }),+
        ];

        $(#[tokio::test]
        async fn $test() {
            let row = ROWS.iter().find(|row| row.spend == $spend).expect("a row");
            hold(row).await;
        })+
    };
}

limits! {
    sign_ups_of_a_network: "client_sign_ups", 10 in HOUR, Network, "sign_up";
    refused_sign_ins_of_a_network: "client_refused_sign_ins", 60 in HOUR, Network, "wrong_password";
    codes_for_passwords_asked_for_by_a_network: "client_code_requests", 60 in HOUR, Network, "ask_for_password";
    codes_for_sign_ups_asked_for_by_a_network: "client_code_requests", 60 in HOUR, Network, "ask_for_sign_up";
    wrong_codes_of_a_network: "client_wrong_codes", 30 in HOUR, Network, "wrong_code";
    wrong_codes_for_passwords_of_a_network: "client_wrong_codes", 30 in HOUR, Network, "wrong_password_code";
    mails_to_an_address_that_is_signed_up: "sign_up_mail", 5 in TEN_MINUTES, Address, "sign_up_mail";
    mails_to_a_mailbox_that_is_signed_up: "sign_up_mail_to_a_mailbox", 300 in DAY, One, "sign_up_mailbox";
    tries_of_a_code: "one code", 5 in MINUTE, One, "tries";
    codes_asked_for_again_at_once: "the next code", 1 in MINUTE, One, "resend_gap";
    codes_asked_for_again: "code_resends", 5 in TEN_MINUTES, One, "resend";
    codes_asked_for_again_for_a_password: "code_resends", 5 in TEN_MINUTES, Address, "forgotten";
    codes_asked_for_again_for_a_sign_up: "code_resends", 5 in TEN_MINUTES, Address, "resend_sign_up";
    wrong_codes_of_a_channel: "wrong_codes", 20 in DAY, One, "wrong_channel_code";
    wrong_codes_of_a_password: "wrong_codes", 20 in DAY, Address, "wrong_reset_code";
    wrong_codes_of_a_username: "wrong_codes", 20 in DAY, One, "wrong_username_code";
    wrong_codes_one_after_the_other: "wrong_codes_in_a_row", 100 in MONTH, One, "wrong_channel_code_in_a_row";
    wrong_codes_of_everybody: "wrong_codes_of_all", 20 in MINUTE, Everybody, "wrong_code_of_anybody";
    codes_to_an_address: "codes_to_a_mailbox", 100 in DAY, Address, "email_channel";
    codes_to_a_mailbox: "codes_to_a_mailbox", 100 in DAY, One, "mailbox_channel";
    codes_of_usernames_to_a_mailbox: "codes_to_a_mailbox", 100 in DAY, One, "mailbox_username";
    codes_to_a_host: "codes_to_a_host", 100 in DAY, One, "webhook_host";
    codes_to_a_key: "codes_to_a_receiver", 100 in DAY, One, "key_channel";
    codes_of_an_organization: "codes_of_an_organization", 500 in DAY, One, "organization_codes";
    tests_of_a_channel: "channel_tests", 5 in MINUTE, One, "test";
    tests_of_a_channel_in_an_hour: "channel_tests_an_hour", 10 in HOUR, One, "test_hourly";
    tests_of_an_organization: "organization_tests", 50 in DAY, One, "test_daily";
    retries_of_a_channel: "delivery_retries", 30 in MINUTE, One, "retry";
    changes_of_username_by_a_customer: "username_mail", 10 in TEN_MINUTES, One, "username_by";
    changes_of_username_to_an_address: "username_mail", 10 in TEN_MINUTES, Address, "username_to";
    wrong_current_passwords: "wrong_current_password", 5 in QUARTER, One, "current_password";
    messages_to_a_number: "toll_number", 10 in DAY, Number, "sms_channel";
    messages_to_a_number_for_everybody: "toll_number_from_all", 100 in DAY, Number, "sms_channel_of_many";
    messages_to_a_block_of_numbers: "toll_block", 40 in DAY, One, "sms_block";
    messages_of_an_organization: "toll_organization", 100 in DAY, One, "sms_organization";
    reminders_of_an_invitation: "the next reminder", 1 in QUARTER, Address, "remind";
    invitations_of_an_organization: "organization_invitations", 100 in DAY, One, "invite";
    invitations_to_an_address: "address_invitations", 30 in DAY, Address, "invite_address";
    invitations_to_a_mailbox: "mailbox_invitations", 100 in DAY, One, "invite_mailbox";
    notifications_to_one: "notifications", 60 in MINUTE, One, "notify";
    notifications_of_an_organization: "notifications_a_day", 10_000 in DAY, One, "notify_daily";
    notifications_to_a_number: "notifications_to_a_number", 100 in DAY, One, "notify_number";
}
