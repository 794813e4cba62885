//! What a server did to its files, step by step, and when it answered: the output of `strace`, read.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The calls that are traced: all that change files, all that sync them, and what goes out to clients.
const CALLS: &str = "trace=openat,creat,lseek,write,writev,pwrite64,pwritev,sendto,sendmsg,ftruncate,truncate,fallocate,\
    fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,rmdir";

/// One thing that happened, at the moment when it had ended; an answer, when it began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// A file or a folder is there that was not, or a file is empty again.
    Made {
        path: PathBuf,
        folder: bool,
        emptied: bool,
    },
    Wrote {
        path: PathBuf,
        at: usize,
        bytes: Vec<u8>,
    },
    Cut {
        path: PathBuf,
        length: usize,
    },
    /// Space was taken up to here.
    Reached {
        path: PathBuf,
        length: usize,
    },
    Renamed {
        from: PathBuf,
        to: PathBuf,
    },
    Linked {
        from: PathBuf,
        to: PathBuf,
    },
    Removed {
        path: PathBuf,
    },
    /// Everything that was done to this file or folder in the steps before `until` is on the disk.
    Synced {
        path: PathBuf,
        until: usize,
    },
    /// The answer to the request with this id began to go out.
    Acknowledged {
        key: String,
    },
}

/// The same program, traced into a file.
pub(crate) fn traced(program: &Command, into: &Path) -> Command {
    let mut command = Command::new("strace");
    // The program stays the child of who starts it, so that a signal reaches it.
    command.args(["-D", "-f", "-y", "-s", "16777216", "--seccomp-bpf", "-e", CALLS, "-o"]);
    command.arg(into).arg("--").arg(program.get_program()).args(program.get_args());
    command.env_clear().current_dir(program.get_current_dir().expect("a folder"));
    for (name, value) in program.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    // `strace` is looked for there, the program has its whole path.
    command.env("PATH", "/usr/local/bin:/usr/bin:/bin");
    command
}

/// The steps below a folder.
///
/// `threads`: all that is traced is one process; otherwise each has its own files.
pub(crate) fn read(trace: &str, root: &Path, threads: bool) -> Vec<Step> {
    let mut reader = Reader {
        root: root.to_owned(),
        threads,
        steps: Vec::new(),
        open: HashMap::new(),
        places: HashMap::new(),
    };
    trace.lines().for_each(|line| reader.line(line));
    reader.steps
}

struct Reader {
    root: PathBuf,
    threads: bool,
    steps: Vec<Step>,
    /// Calls that have begun, by thread: what stands before their end, and how many steps there were.
    open: HashMap<String, (String, usize)>,
    /// Where the next plain write of a descriptor goes.
    places: HashMap<(String, String), usize>,
}

impl Reader {
    fn line(&mut self, line: &str) {
        let Some((thread, rest)) = line.split_once(' ') else { return };
        let rest = rest.trim_start();
        if let Some(begun) = rest.strip_suffix(" <unfinished ...>") {
            self.answered(begun);
            self.open.insert(thread.to_owned(), (begun.to_owned(), self.steps.len()));
        } else if let Some(resumed) = rest.strip_prefix("<... ") {
            let Some((begun, at)) = self.open.remove(thread) else { return };
            let end = resumed.split_once(" resumed>").map_or("", |(_, end)| end);
            self.call(thread, &format!("{begun}{end}"), at);
        } else {
            self.answered(rest);
            self.call(thread, rest, self.steps.len());
        }
    }

    /// Whether an answer goes out, and to what.
    fn answered(&mut self, call: &str) {
        let out = ["write(", "writev(", "sendto(", "sendmsg("].iter().any(|name| call.starts_with(name));
        if !out || !call.contains("\"HTTP/1.1 2") {
            return;
        }
        if let Some((_, rest)) = call.split_once("x-request-id: ") {
            let key = rest.split('\\').next().unwrap_or_default().to_owned();
            self.steps.push(Step::Acknowledged { key });
        }
    }

    fn call(&mut self, thread: &str, call: &str, begun: usize) {
        let Some((name, rest)) = call.split_once('(') else { return };
        let Some((arguments, result)) = rest.rsplit_once(") ") else { return };
        let Some(result) = result.trim_start().strip_prefix("= ") else { return };
        if result.starts_with('-') {
            return;
        }
        let process = if self.threads { String::new() } else { thread.to_owned() };
        let descriptor = arguments.split('<').next().unwrap_or_default().to_owned();
        // Sockets and their like have no path.
        let path = arguments.split_once("</").and_then(|(_, rest)| Some(rest.split_once('>')?.0));
        let path = path.and_then(|path| self.below(&format!("/{path}")));
        let number =
            |text: &str| text.trim().split(['<', ' ']).next().and_then(|text| text.parse::<usize>().ok());
        let last = || number(arguments.rsplit(", ").next().unwrap_or_default()).unwrap_or(0);
        let done = number(result).unwrap_or(0);
        match name {
            "openat" | "creat" => {
                let Some((opened, rest)) = result.split_once('<') else { return };
                let path = rest.trim_end_matches('>');
                self.places.insert((process, opened.to_owned()), 0);
                let (made, emptied) = (arguments.contains("O_CREAT"), arguments.contains("O_TRUNC"));
                if let (Some(path), true) = (self.below(path), made || emptied) {
                    self.steps.push(Step::Made { path, folder: false, emptied });
                }
            }
            "lseek" => {
                self.places.insert((process, descriptor), done);
            }
            "write" | "writev" | "pwrite64" | "pwritev" => {
                let Some(path) = path else { return };
                let mut bytes: Vec<u8> = literals(arguments).concat();
                bytes.truncate(done);
                let at = if name.starts_with('p') {
                    last()
                } else {
                    let place = self.places.entry((process, descriptor)).or_default();
                    *place += bytes.len();
                    *place - bytes.len()
                };
                self.steps.push(Step::Wrote { path, at, bytes });
            }
            "ftruncate" => {
                let Some(path) = path else { return };
                self.steps.push(Step::Cut { path, length: last() });
            }
            "fallocate" => {
                let Some(path) = path else { return };
                let mut parts = arguments.rsplit(", ").map(|part| number(part).unwrap_or(0));
                let length = parts.next().unwrap_or(0) + parts.next().unwrap_or(0);
                self.steps.push(Step::Reached { path, length });
            }
            "fsync" | "fdatasync" => {
                let Some(path) = path else { return };
                self.steps.push(Step::Synced { path, until: begun });
            }
            "truncate" => {
                let path = literals(arguments).first().map(|path| String::from_utf8_lossy(path).into_owned());
                let Some(path) = path.and_then(|path| self.below(&path)) else { return };
                self.steps.push(Step::Cut { path, length: last() });
            }
            _ => self.name(name, arguments),
        }
    }

    /// Changes of names.
    fn name(&mut self, name: &str, arguments: &str) {
        let paths: Vec<_> =
            literals(arguments).iter().map(|path| self.below(&String::from_utf8_lossy(path))).collect();
        let step = match (name, &*paths) {
            ("rename" | "renameat" | "renameat2", [Some(from), Some(to)]) => {
                Step::Renamed { from: from.clone(), to: to.clone() }
            }
            ("link" | "linkat", [Some(from), Some(to)]) => {
                Step::Linked { from: from.clone(), to: to.clone() }
            }
            ("unlink" | "unlinkat" | "rmdir", [Some(path)]) => Step::Removed { path: path.clone() },
            ("mkdir" | "mkdirat", [Some(path)]) => {
                Step::Made { path: path.clone(), folder: true, emptied: false }
            }
            _ => return,
        };
        self.steps.push(step);
    }

    /// A path from the root; where it is relative, the root is where the program runs.
    fn below(&self, path: &str) -> Option<PathBuf> {
        let path = Path::new(path.trim_end_matches('/'));
        if path.is_relative() {
            Some(path.to_owned())
        } else {
            path.strip_prefix(&self.root).ok().map(Path::to_owned)
        }
    }
}

/// The texts in quotes, as the bytes that they stand for.
fn literals(arguments: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut rest = arguments.bytes().peekable();
    while rest.by_ref().any(|byte| byte == b'"') {
        let mut bytes = Vec::new();
        while let Some(byte) = rest.next().filter(|byte| *byte != b'"') {
            if byte != b'\\' {
                bytes.push(byte);
                continue;
            }
            let escaped = rest.next().expect("something is escaped");
            bytes.push(match escaped {
                b'n' => b'\n',
                b't' => b'\t',
                b'r' => b'\r',
                b'v' => 0x0b,
                b'f' => 0x0c,
                b'0'..=b'7' => {
                    let mut value = u32::from(escaped - b'0');
                    for _ in 0..2 {
                        let Some(digit) = rest.next_if(|byte| (b'0'..=b'7').contains(byte)) else { break };
                        value = value * 8 + u32::from(digit - b'0');
                    }
                    u8::try_from(value).expect("a byte")
                }
                other => other,
            });
        }
        found.push(bytes);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_read_in_the_order_in_which_things_had_ended() {
        let trace = r#"
7 openat(AT_FDCWD</w>, "/d/a", O_RDWR|O_CREAT, 0600) = 3</d/a>
7 write(3</d/a>, "x\0\1779\"", 5) = 5
8 fdatasync(3</d/a> <unfinished ...>
7 pwrite64(3</d/a>, "yz", 2, 1) = 2
8 <... fdatasync resumed>)          = 0
7 writev(9<socket:[1]>, [{iov_base="HTTP/1.1 201 Created\r\nx-request-id: key-1-2\r\n", iov_len=9}], 1 <unfinished ...>
7 <... writev resumed>) = 9
7 rename("/d/a", "/d/b") = 0
7 unlink("/elsewhere") = 0
7 unlink("/d/c") = -1 ENOENT (No such file or directory)
"#;
        let path = PathBuf::from("a");
        let steps = [
            Step::Made { path: path.clone(), folder: false, emptied: false },
            Step::Wrote { path: path.clone(), at: 0, bytes: b"x\0\x7f9\"".to_vec() },
            Step::Wrote { path: path.clone(), at: 1, bytes: b"yz".to_vec() },
            Step::Synced { path: path.clone(), until: 2 },
            Step::Acknowledged { key: "key-1-2".to_owned() },
            Step::Renamed { from: path, to: "b".into() },
        ];
        assert_eq!(read(trace, Path::new("/d"), true), steps);
    }

    #[test]
    fn processes_have_descriptors_of_their_own() {
        let trace = r#"
7 openat(AT_FDCWD</d>, "a", O_RDWR) = 3</d/a>
8 openat(AT_FDCWD</d>, "b", O_RDWR) = 3</d/b>
7 write(3</d/a>, "xy", 2) = 2
8 pwritev(3</d/b>, [{iov_base="v", iov_len=1}, {iov_base="w", iov_len=1}], 2, 4) = 2
8 write(3</d/b>, "z", 1) = 1
8 truncate("b", 5) = 0
7 fsync(4</d>) = 0
"#;
        let (a, b) = (PathBuf::from("a"), PathBuf::from("b"));
        let steps = [
            Step::Wrote { path: a, at: 0, bytes: b"xy".to_vec() },
            Step::Wrote { path: b.clone(), at: 4, bytes: b"vw".to_vec() },
            Step::Wrote { path: b.clone(), at: 0, bytes: b"z".to_vec() },
            Step::Cut { path: b, length: 5 },
            Step::Synced { path: PathBuf::new(), until: 4 },
        ];
        assert_eq!(read(trace, Path::new("/d"), false), steps);
    }
}
