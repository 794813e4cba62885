//! A database at the far end of a bad line: half a second each way, and every twentieth packet lost.

use std::os::unix::process::parent_id;
use std::path::Path;
use std::process::Command;

use super::faults::trial;
use super::load::lasting;
use super::server::{Server, signal};

/// Set where this process has the network of its own that `line.py` makes.
const WITHIN: &str = "ROLLCALL_TEST_LINE";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
#[expect(clippy::disallowed_methods, reason = "a switch of the tests, not a setting")]
async fn a_line_that_is_slow_and_loses_packets_costs_no_acknowledged_write() {
    match std::env::var_os(WITHIN) {
        None => in_a_network_of_its_own(),
        Some(_) => on_the_line().await,
    }
}

async fn on_the_line() {
    let lasts = lasting(8, 30);
    let server = Server::new("listen_addresses = '127.0.0.1,10.77.0.1'");
    server.write("data/pg_hba.conf", "host all all 127.0.0.1/32 trust\nhost all all 10.77.0.2/32 trust\n");
    server.stop();
    server.start();
    let along_the_line = server.url().replace("127.0.0.1", "10.77.0.2");
    let line = trial(&server, along_the_line, async || {
        signal("USR1", &[parent_id()]);
        tokio::time::sleep(lasts).await;
        signal("USR2", &[parent_id()]);
    });
    println!("500 ms each way and 5 % of packets lost for {} s: {}", lasts.as_secs(), line.await);
}

/// Runs this test again, beside nothing but a line to itself.
fn in_a_network_of_its_own() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/postgres/line.py");
    let name = "line::a_line_that_is_slow_and_loses_packets_costs_no_acknowledged_write";
    let ended = Command::new("unshare")
        .args(["--net", "python3"])
        .arg(script)
        .arg(std::env::current_exe().expect("a program"))
        .args(["--exact", name, "--include-ignored", "--nocapture"])
        .env(WITHIN, "1")
        .status();
    assert!(ended.expect("it runs").success(), "trials with a network of their own need the superuser");
}
