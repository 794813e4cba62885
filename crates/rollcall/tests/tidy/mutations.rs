//! The rules that `scripts/mutate` switches off are still where it looks for them: what it cannot find it cannot switch off.

use std::process::Command;

use super::root;

#[test]
fn each_rule_that_is_to_be_switched_off_is_where_it_is_looked_for() {
    for what in ["rights", "guards"] {
        let script = root().join("scripts/mutate");
        let output = Command::new(script).args([what, "check"]).output().expect("it runs");
        assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
