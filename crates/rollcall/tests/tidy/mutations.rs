//! The rules that `scripts/mutate-rights` switches off are still where it looks for them: what it cannot find it cannot switch off.

use std::process::Command;

use super::root;

#[test]
fn each_rule_of_rights_that_is_to_be_switched_off_is_where_it_is_looked_for() {
    let script = root().join("scripts/mutate-rights");
    let output = Command::new(script).arg("check").output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
