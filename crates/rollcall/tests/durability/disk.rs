//! A disk that forgets: what had been synced stays after a power cut, and of the rest whatever chance leaves of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::trace::Step;

/// A number that looks like chance and can be repeated.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Below `bound`. By `SplitMix64`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed >> 31) % bound as u64).expect("below a number")
    }
}

/// What becomes of what was not synced.
#[derive(Debug, Clone)]
pub(crate) enum Unsynced {
    /// It is gone.
    Dropped,
    /// Some of it is there, in another order, and some of that torn between blocks of so many bytes.
    Torn { block: usize, chance: Chance },
}

/// A change of a file's contents.
#[derive(Debug, Clone)]
enum Change {
    Write(usize, Vec<u8>),
    Cut(usize),
    Reach(usize),
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Write(at, written) => {
                if bytes.len() < at + written.len() {
                    bytes.resize(at + written.len(), 0);
                }
                bytes[*at..at + written.len()].copy_from_slice(written);
            }
            Self::Cut(length) => bytes.resize(*length, 0),
            Self::Reach(length) => bytes.resize(bytes.len().max(*length), 0),
        }
    }

    /// Only some of the blocks that it touches.
    fn tear(&self, bytes: &mut Vec<u8>, block: usize, chance: &mut Chance) {
        let Self::Write(at, written) = self else { return self.apply(bytes) };
        let mut from = 0;
        while from < written.len() {
            let to = ((at + from) / block * block + block - at).min(written.len());
            if chance.below(2) == 0 {
                Self::Write(at + from, written[from..to].to_vec()).apply(bytes);
            }
            from = to;
        }
    }
}

/// A change of a name: which file it leads to now, or none.
type Naming = (PathBuf, Option<usize>);

#[derive(Debug, Clone, Default)]
struct File {
    folder: bool,
    synced: Vec<u8>,
    pending: Vec<(usize, Change)>,
}

/// A folder and all below it, as its disk and its readers know it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Disk {
    files: Vec<File>,
    seen: BTreeMap<PathBuf, usize>,
    named: BTreeMap<PathBuf, usize>,
    naming: Vec<(usize, Naming)>,
    steps: usize,
}

impl Disk {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        let mut disk = Self::default();
        disk.add(Path::new(""), File { folder: true, ..File::default() });
        disk
    }

    /// A folder all of which is on the disk.
    pub(crate) fn of(folder: &Path) -> Self {
        let mut disk = Self::new();
        let mut inside = vec![PathBuf::new()];
        while let Some(at) = inside.pop() {
            for entry in std::fs::read_dir(folder.join(&at)).expect("a folder") {
                let entry = entry.expect("an entry");
                let path = at.join(entry.file_name());
                if entry.file_type().expect("its kind").is_dir() {
                    disk.add(&path, File { folder: true, ..File::default() });
                    inside.push(path);
                } else {
                    let synced = std::fs::read(entry.path()).expect("a file");
                    disk.add(&path, File { synced, ..File::default() });
                }
            }
        }
        disk
    }

    fn add(&mut self, path: &Path, file: File) {
        self.seen.insert(path.to_owned(), self.files.len());
        self.named.insert(path.to_owned(), self.files.len());
        self.files.push(file);
    }

    /// Lets the next step happen.
    pub(crate) fn step(&mut self, step: &Step) {
        let number = self.steps;
        self.steps += 1;
        match step {
            Step::Made { path, folder, emptied } => match self.seen.get(path) {
                Some(known) if *emptied => self.files[*known].pending.push((number, Change::Cut(0))),
                Some(_) => {}
                None => {
                    self.files.push(File { folder: *folder, ..File::default() });
                    self.lead(number, path, Some(self.files.len() - 1));
                }
            },
            Step::Wrote { path, at, bytes } => self.change(number, path, Change::Write(*at, bytes.clone())),
            Step::Cut { path, length } => self.change(number, path, Change::Cut(*length)),
            Step::Reached { path, length } => self.change(number, path, Change::Reach(*length)),
            Step::Renamed { from, to } => {
                let moved: Vec<_> = self.seen.keys().filter(|path| path.starts_with(from)).cloned().collect();
                for path in moved {
                    let rest = path.strip_prefix(from).expect("below it");
                    let new = if rest.as_os_str().is_empty() { to.clone() } else { to.join(rest) };
                    let file = self.seen.get(&path).copied();
                    self.lead(number, &new, file);
                    self.lead(number, &path, None);
                }
            }
            Step::Linked { from, to } => {
                let file = self.seen.get(from).copied();
                self.lead(number, to, file);
            }
            Step::Removed { path } => self.lead(number, path, None),
            Step::Synced { path, until } => self.sync(path, *until),
            Step::Acknowledged { .. } => {}
        }
    }

    fn lead(&mut self, number: usize, path: &Path, file: Option<usize>) {
        match file {
            Some(file) => self.seen.insert(path.to_owned(), file),
            None => self.seen.remove(path),
        };
        self.naming.push((number, (path.to_owned(), file)));
    }

    fn change(&mut self, number: usize, path: &Path, change: Change) {
        if let Some(file) = self.seen.get(path) {
            self.files[*file].pending.push((number, change));
        }
    }

    fn sync(&mut self, path: &Path, until: usize) {
        let Some(known) = self.seen.get(path) else { return };
        let file = &mut self.files[*known];
        if file.folder {
            let inside =
                |(number, (named, _)): &(usize, Naming)| *number < until && named.parent() == Some(path);
            for (_, (named, file)) in self.naming.iter().filter(|naming| inside(naming)) {
                rename(&mut self.named, named, *file);
            }
            self.naming.retain(|naming| !inside(naming));
            return;
        }
        let synced = file.pending.iter().take_while(|(number, _)| *number < until).count();
        for (_, change) in file.pending.drain(..synced) {
            change.apply(&mut file.synced);
        }
    }

    /// How many changes no sync has covered.
    pub(crate) fn unsynced(&self) -> usize {
        self.naming.len() + self.files.iter().map(|file| file.pending.len()).sum::<usize>()
    }

    /// Writes what a power cut leaves now into an empty folder.
    pub(crate) fn write_to(&self, folder: &Path, mut unsynced: Unsynced) {
        let mut named = self.named.clone();
        if let Unsynced::Torn { chance, .. } = &mut unsynced {
            for (_, (path, file)) in &self.naming {
                if chance.below(2) == 0 {
                    rename(&mut named, path, *file);
                }
            }
        }
        for (path, number) in &named {
            let (file, path) = (&self.files[*number], folder.join(path));
            // What stands in a folder whose own name is gone cannot be reached.
            if !path.parent().is_some_and(Path::exists) {
                continue;
            }
            if file.folder {
                std::fs::create_dir_all(path).expect("a folder");
            } else {
                std::fs::write(path, file.left(&mut unsynced)).expect("a file");
            }
        }
    }
}

impl File {
    fn left(&self, unsynced: &mut Unsynced) -> Vec<u8> {
        let mut bytes = self.synced.clone();
        if let Unsynced::Torn { block, chance } = unsynced {
            let mut pending: Vec<_> = self.pending.iter().map(|(_, change)| change).collect();
            for place in (1..pending.len()).rev() {
                pending.swap(place, chance.below(place + 1));
            }
            for change in pending {
                match chance.below(3) {
                    0 => change.apply(&mut bytes),
                    1 => change.tear(&mut bytes, *block, chance),
                    _ => {}
                }
            }
        }
        bytes
    }
}

fn rename(names: &mut BTreeMap<PathBuf, usize>, path: &Path, file: Option<usize>) {
    match file {
        Some(file) => names.insert(path.to_owned(), file),
        None => names.remove(path),
    };
}

#[cfg(test)]
mod tests {
    use super::super::process::Folder;
    use super::*;

    fn left(steps: &[Step], unsynced: Unsynced) -> Option<String> {
        let (folder, mut disk) = (Folder::new(), Disk::new());
        for step in steps {
            disk.step(step);
        }
        disk.write_to(folder.path(), unsynced);
        std::fs::read_to_string(folder.file("a")).ok()
    }

    #[test]
    fn only_what_was_synced_is_sure_to_be_left() {
        let path = PathBuf::from("a");
        let wrote = |at, text: &str| Step::Wrote { path: path.clone(), at, bytes: text.into() };
        let synced = |path: &str, until| Step::Synced { path: path.into(), until };
        let mut steps =
            vec![Step::Made { path: path.clone(), folder: false, emptied: false }, wrote(0, "old.")];
        // Its name is not on the disk yet.
        steps.push(synced("a", 2));
        assert_eq!(left(&steps, Unsynced::Dropped), None);
        steps.push(synced("", 3));
        // Begun before the sync had ended, but not before it began.
        steps.extend([wrote(4, "new."), synced("a", 4)]);
        assert_eq!(left(&steps, Unsynced::Dropped).as_deref(), Some("old."));
        let torn = |seed| left(&steps, Unsynced::Torn { block: 2, chance: Chance::new(seed) });
        let found: std::collections::BTreeSet<_> = (0..50).filter_map(torn).collect();
        for possible in ["old.", "old.new.", "old.ne", "old.\0\0w."] {
            assert!(found.contains(possible), "{possible:?} not in {found:?}");
        }
        assert_eq!(found.len(), 4);
    }
}
