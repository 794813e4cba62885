//! A server with organizations that have something to ask for, and the requests that they send.

use std::net::SocketAddr;

use serde_json::json;

use crate::long;
use crate::process::{Folder, Program};
use crate::wire;

/// A server under trial.
pub(crate) struct Scene {
    pub(crate) program: Program,
    pub(crate) folder: Folder,
    pub(crate) address: SocketAddr,
    /// Requests of everyday life: of ten, four lists, three profiles and three commands.
    pub(crate) requests: Vec<Vec<u8>>,
}

pub(crate) const SETTINGS: [(&str, &str); 2] = [("ROLLCALL_RATE_LIMITS", "off"), ("ROLLCALL_LOG", "warn")];

impl Scene {
    /// A server with some organizations.
    pub(crate) async fn new(organizations: usize) -> Self {
        let folder = Folder::new();
        let program = apart(|| folder.serve(&SETTINGS));
        let mut requests = Vec::new();
        for number in 0..organizations {
            let token = program.sign_up(&format!("Ann{number}")).await;
            let team = program.send("POST", "/v1/team", &token, &json!({"name": "Platform"}), 201).await;
            let team = team["team"]["team_id"].as_str().expect("an id").to_owned();
            let named = json!({"name": "Checkout", "team_id": team});
            let service = program.send("POST", "/v1/service", &token, &named, 201).await;
            let service = service["service"]["service_id"].as_str().expect("an id").to_owned();
            let list = wire::get(&format!("/v1/team/{team}/members"), &token);
            let profile = wire::get("/v1/customer", &token);
            let body = json!({"name": format!("Checkout {number}")}).to_string();
            let command = wire::send("PUT", &format!("/v1/service/{service}"), &token, &body);
            for kind in [0, 1, 2, 0, 1, 2, 0, 1, 2, 0] {
                requests.push([&list, &profile, &command][kind].clone());
            }
        }
        let address = program.url.trim_start_matches("http://").parse().expect("an address");
        Self { program, folder, address, requests }
    }

    /// The same data with the program started anew.
    pub(crate) fn restart(self, between: impl FnOnce(&Folder)) -> Self {
        let Self { program, folder, requests, .. } = self;
        assert_eq!(program.terminate().code(), Some(0));
        between(&folder);
        let program = apart(|| folder.serve(&SETTINGS));
        let address = program.url.trim_start_matches("http://").parse().expect("an address");
        Self { program, folder, address, requests }
    }
}

/// Lets this process have as many connections as the system allows, and says how many that is.
pub(crate) fn files() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).expect("up to the hard limit");
    limit.maximum.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX))
}

/// Starts the program on a core of its own, in the long form: what offers three times too much must not take the time of what is to serve
/// it. On a machine with one core both share it.
fn apart(start: impl FnOnce() -> Program) -> Program {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
    let on = |cores: &[usize]| {
        let mut set = CpuSet::new();
        for &core in cores {
            set.set(core);
        }
        sched_setaffinity(None, &set).expect("a core");
    };
    if !long() {
        return start();
    }
    // An earlier program of this trial may have left it with one core.
    on(&(0..CpuSet::MAX_CPU).collect::<Vec<_>>());
    let all = sched_getaffinity(None).expect("the cores of this thread");
    let cores: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|&core| all.is_set(core)).collect();
    let [first, second, ..] = cores[..] else { return start() };
    // A child stays where the thread was that started it; the trial itself is this one thread.
    on(&[first]);
    let program = start();
    on(&[second]);
    program
}
