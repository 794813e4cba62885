//! The console in a real browser: each file of `tests/console` is a check, run by Node.js with playwright-core in front of the
//! real program. Needs Chromium, Node.js and `npm ci` in `tests/console`; `scripts/test` sees to the last.

use std::path::Path;
use std::process::Command;

fn check(file: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/console");
    let installed = folder.join("node_modules/playwright-core").is_dir();
    assert!(installed, "run `npm ci --prefix crates/rollcall/tests/console` first");
    let outcome = Command::new("node")
        .args(["--test", file])
        .current_dir(folder)
        .env("ROLLCALL_PROGRAM", env!("CARGO_BIN_EXE_rollcall"))
        .output()
        .expect("Node.js runs");
    let said = String::from_utf8_lossy(&outcome.stdout);
    assert!(outcome.status.success(), "{said}\n{}", String::from_utf8_lossy(&outcome.stderr));
    assert!(said.contains("# fail 0") && !said.contains("# pass 0"), "nothing was checked: {said}");
}

#[test]
fn a_team_lives_with_scripts_and_without() {
    check("life.test.js");
}

#[test]
fn every_page_is_accessible_in_both_colour_schemes_and_fits_a_phone() {
    check("looks.test.js");
}

#[test]
fn the_keyboard_the_focus_progress_and_times_are_as_people_expect() {
    check("manners.test.js");
}

#[test]
fn a_channel_lives_from_its_code_to_its_end_for_people_and_teams_alike() {
    check("channels.test.js");
}

#[test]
fn an_account_invitations_limits_and_the_log_are_kept_through_pages_alone() {
    check("account.test.js");
}

#[test]
fn a_refused_form_keeps_what_was_typed_and_says_what_is_wrong() {
    check("typed.test.js");
}

#[test]
fn a_page_is_light_whole_after_one_round_trip_and_stands_still() {
    check("weight.test.js");
}

#[test]
fn what_people_type_stays_text_on_every_page() {
    check("strings.test.js");
}

#[test]
fn forms_of_other_sites_change_nothing() {
    check("forms.test.js");
}

#[test]
fn other_sites_can_show_no_page_and_lead_nobody_away() {
    check("foreign.test.js");
}

#[test]
fn a_service_worker_opens_what_push_brings_it() {
    check("push.test.js");
}
