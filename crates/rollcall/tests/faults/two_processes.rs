//! Two processes on one file: one has it, the other is told so, however they start and however the first one ends.

use std::time::Instant;

use serde_json::Value;

use crate::process::{Folder, Program, refusal};
use crate::scene::{SETTINGS, end, trials};

#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_that_start_at_once_one_has_the_file_and_the_other_says_so() {
    let trials = trials(5);
    let begun = Instant::now();
    for trial in 0..trials {
        let folder = Folder::new();
        if trial % 2 == 1 {
            // Not a new file, where both would be busy making it.
            end(tokio::task::block_in_place(|| folder.serve(&SETTINGS)));
        }
        let start = || {
            let mut command = folder.command(&["serve"]);
            command.env("ROLLCALL_LISTEN", "127.0.0.1:0").envs(SETTINGS);
            Program::try_start(&mut command)
        };
        let (one, two) = tokio::task::block_in_place(|| {
            std::thread::scope(|scope| {
                let one = scope.spawn(start);
                (start(), one.join().expect("a start"))
            })
        });
        let (winner, said) = match (one, two) {
            (Ok(winner), Err(said)) | (Err(said), Ok(winner)) => (winner, said),
            (Ok(_), Ok(_)) => panic!("both have the file"),
            (Err(one), Err(two)) => panic!("neither started: {one} {two}"),
        };
        assert!(said.starts_with("rollcall: ") && said.contains("in use by another process"), "{said}");
        winner.sign_up("Ann").await;

        // By another name of the same file it is the same file.
        let alias = Folder::new();
        std::fs::create_dir(alias.file("data")).expect("a folder");
        for name in ["rollcall.db", "secret.key"] {
            std::os::unix::fs::symlink(folder.file("data").join(name), alias.file("data").join(name))
                .expect("a link");
        }
        let line = refusal(alias.command(&["serve"]).env("ROLLCALL_LISTEN", "127.0.0.1:0").envs(SETTINGS));
        assert!(line.contains("in use by another process"), "{line}");
        winner.send("GET", "/readyz", "", &Value::Null, 200).await;

        // A kill lets go of it at once.
        drop(winner);
        let next = tokio::task::block_in_place(|| folder.serve(&SETTINGS));
        next.sign_in("ann@example.com").await;
        end(next);
    }
    println!(
        "two processes on one file: {trials} trials, one each had it, the other was refused in one line, by links too; {:.1?} a trial",
        begun.elapsed() / u32::try_from(trials).expect("a small number")
    );
}
