//! Nothing that was stored is lost: by damage to any byte, by a crash between two steps, by other programs' files.

use super::journal::{Journal, JournalContents, JournalEntry, JournalRecord};
use super::*;
use poolkeeper_simulator::sim::{ScenarioKind, ScenarioSpec};
use std::fs;

/// A folder of this test's own, gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("poolkeeper-state-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(fs::canonicalize(path).unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The names in it but for the lock, in order.
    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> = names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.ends_with(".lock"))
            .collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn account() -> Sim {
    Sim::scenario(&ScenarioSpec::new(ScenarioKind::BoughtList, 8, 1).unwrap())
}

/// Changes that each leave another account.
fn entries(count: u64) -> Vec<JournalEntry> {
    let entry = |seconds| JournalEntry {
        actor: Actor::parent("ann@example.com"),
        command: Command::Advance { seconds },
    };
    (1..=count).map(entry).collect()
}

fn after(entries: &[JournalEntry]) -> Sim {
    let mut sim = account();
    for entry in entries {
        sim.apply(&entry.actor, &entry.command).unwrap();
    }
    sim
}

/// A state file with changes, written as the server writes it; the lock is free afterwards.
fn written(path: &Path, entries: &[JournalEntry]) {
    let (locked, loaded) = LockedState::open(path).unwrap();
    assert!(loaded.is_none());
    let mut sim = account();
    let file = locked.keep(&sim).unwrap();
    for JournalEntry { actor, command } in entries {
        sim.apply(actor, command).unwrap();
        file.keep(SimulatorChange::Applied { actor, command }, &sim).unwrap();
    }
}

/// What a start loads, and what it says.
fn loaded(path: &Path) -> Result<(Sim, Option<String>), Failure> {
    let (locked, loaded) = LockedState::open(path)?;
    let LoadedState { sim, notice } = loaded.expect("an account");
    locked.keep(&sim)?;
    Ok((sim, notice))
}

/// Puts files in place, starts, and gives what was loaded and said.
fn started_with(folder: &Folder, account: &[u8], journal: &[u8]) -> Result<(Sim, Option<String>), Failure> {
    for name in folder.names() {
        fs::remove_file(folder.path(&name)).unwrap();
    }
    fs::write(folder.path("state"), account).unwrap();
    fs::write(folder.path("state.journal"), journal).unwrap();
    loaded(&folder.path("state"))
}

fn is_kept_somewhere(folder: &Folder, bytes: &[u8]) -> bool {
    folder
        .names()
        .iter()
        .any(|name| fs::read(folder.path(name)).unwrap() == bytes)
}

#[test]
fn a_damaged_journal_is_kept_with_its_account_and_the_changes_before_the_damage_are_loaded() {
    let folder = Folder::new("damage");
    let path = folder.path("state");
    let entries = entries(4);
    written(&path, &entries);
    let (account, journal) = (
        fs::read(&path).unwrap(),
        fs::read(folder.path("state.journal")).unwrap(),
    );
    let ends: Vec<usize> = (0..journal.len()).filter(|at| journal[*at] == b'\n').collect();
    // The format, the account's name, the first and the last change, the line end after it.
    for (at, line, whole) in [
        (ends[0] - 1, 1, 0),
        (ends[0] + 5, 2, 0),
        (ends[1] + 1, 3, 0),
        (ends[4] + 9, 6, 3),
        (ends[5], 6, 3),
    ] {
        let mut damaged = journal.clone();
        damaged[at] ^= 0x10;
        let (sim, notice) = started_with(&folder, &account, &damaged).unwrap();
        assert!(sim == after(&entries[..whole]), "byte {at}");
        let notice = notice.unwrap();
        assert!(notice.contains(&format!("line {line}:")), "byte {at}: {notice}");
        assert!(notice.contains("state.damaged-1.journal"), "byte {at}: {notice}");
        assert_eq!(fs::read(folder.path("state.damaged-1.journal")).unwrap(), damaged);
        assert_eq!(fs::read(folder.path("state.damaged-1")).unwrap(), account);
        // Both are a state file again, once a person has repaired the journal.
        fs::write(folder.path("state.damaged-1.journal"), &journal).unwrap();
        assert!(loaded(&folder.path("state.damaged-1")).unwrap().0 == after(&entries));
        // The next damage gets names of its own.
        fs::write(&path, &account).unwrap();
        fs::write(folder.path("state.journal"), &damaged).unwrap();
        let (_, notice) = loaded(&path).unwrap();
        assert!(notice.unwrap().contains("state.damaged-2.journal"), "byte {at}");
    }
}

#[test]
fn changes_go_on_behind_a_record_that_was_cut_off() {
    let folder = Folder::new("on");
    let path = folder.path("state");
    let entries = entries(3);
    written(&path, &entries[..2]);
    let journal = folder.path("state.journal");
    let bytes = fs::read(&journal).unwrap();
    for missing in [1, 10] {
        fs::write(&journal, &bytes[..bytes.len() - missing]).unwrap();
        let (locked, found) = LockedState::open(&path).unwrap();
        let mut sim = found.unwrap().sim;
        let file = locked.keep(&sim).unwrap();
        let JournalEntry { actor, command } = &entries[2];
        sim.apply(actor, command).unwrap();
        file.keep(SimulatorChange::Applied { actor, command }, &sim).unwrap();
        drop(file);
        assert!(loaded(&path).unwrap().0 == sim, "{missing} bytes missing");
    }
}

#[test]
fn a_journal_of_the_format_before_still_loads() {
    let folder = Folder::new("old");
    let account = account().to_bytes();
    let entries = entries(3);
    let old = |entries: &[JournalEntry]| {
        let lines = entries.iter().map(|entry| serde_json::to_string(entry).unwrap() + "\n");
        format!(
            "{{\"continues\":\"{}\"}}\n{}",
            digest(&account),
            lines.collect::<String>()
        )
    };
    let whole = old(&entries);
    let (sim, notice) = started_with(&folder, &account, whole.as_bytes()).unwrap();
    assert!(sim == after(&entries) && notice.is_none(), "{notice:?}");
    let (sim, notice) = loaded(&folder.path("state")).unwrap();
    assert!(sim == after(&entries) && notice.is_none(), "{notice:?}");
    // Cut off in its last line, which was never answered.
    let (sim, notice) = started_with(&folder, &account, &whole.as_bytes()[..whole.len() - 4]).unwrap();
    assert!(sim == after(&entries[..2]) && notice.is_none(), "{notice:?}");
    // Damaged before.
    let damaged = old(&entries[..2]) + "{\"actor\":\n" + &serde_json::to_string(&entries[2]).unwrap() + "\n";
    let (sim, notice) = started_with(&folder, &account, damaged.as_bytes()).unwrap();
    assert!(sim == after(&entries[..2]));
    assert!(notice.unwrap().contains("line 4") && is_kept_somewhere(&folder, damaged.as_bytes()));
}

#[test]
fn a_crash_between_any_two_steps_of_a_new_account_loses_nothing() {
    let folder = Folder::new("steps");
    let path = folder.path("state");
    let entries = entries(3);
    written(&path, &entries);
    let (old_account, old_journal) = (
        fs::read(&path).unwrap(),
        fs::read(folder.path("state.journal")).unwrap(),
    );
    let new = after(&entries);
    let named = {
        fs::write(folder.path("copy"), &old_journal).unwrap();
        let file = OpenOptions::new().append(true).open(folder.path("copy")).unwrap();
        let contents = JournalContents::read(&old_journal).unwrap();
        let mut journal = Journal::resume(file, &contents).unwrap();
        journal
            .append(&JournalRecord::Continues(digest(&new.to_bytes())))
            .unwrap();
        fs::read(folder.path("copy")).unwrap()
    };
    for (account, journal) in [
        (&old_account, &old_journal),
        (&old_account, &named),
        (&new.to_bytes(), &named),
    ] {
        let (sim, notice) = started_with(&folder, account, journal).unwrap();
        assert!(sim == new && notice.is_none(), "{notice:?}");
    }
}

#[test]
fn a_long_journal_gives_way_to_a_new_account_and_goes_on_where_that_fails() {
    let folder = Folder::new("long");
    let path = folder.path("state");
    let (locked, _) = LockedState::open(&path).unwrap();
    let mut sim = account();
    let file = locked.keep(&sim).unwrap();
    let advance = |seconds: u64, sim: &mut Sim| {
        let (actor, command) = (Actor::parent("ann@example.com"), Command::Advance { seconds });
        sim.apply(&actor, &command).unwrap();
        file.keep(
            SimulatorChange::Applied {
                actor: &actor,
                command: &command,
            },
            sim,
        )
    };
    advance(60, &mut sim).unwrap();
    // So far they cost 1 + 4,393; 50 days more cost 601. A day more costs 13, and 5,000 is too much.
    advance(366 * 86_400, &mut sim).unwrap();
    advance(50 * 86_400, &mut sim).unwrap();
    let before = fs::read(&path).unwrap();
    advance(86_400, &mut sim).unwrap();
    assert!(fs::read(&path).unwrap() != before && fs::read(&path).unwrap() == sim.to_bytes());
    let journal = fs::read(folder.path("state.journal")).unwrap();
    assert_eq!(JournalContents::read(&journal).unwrap().records.len(), 1);
    assert_eq!(folder.names(), ["state", "state.journal"]);
    // In a folder that is gone no account can be written, but the open journal still takes changes.
    fs::remove_dir_all(&folder.0).unwrap();
    advance(366 * 86_400, &mut sim).unwrap();
    advance(60 * 86_400, &mut sim).unwrap();
    advance(60, &mut sim).unwrap();
}

#[test]
fn a_second_process_is_refused_and_hears_of_the_first() {
    let folder = Folder::new("lock");
    let path = folder.path("state");
    let (first, _) = LockedState::open(&path).unwrap();
    let refused = LockedState::open(&path).map(drop).unwrap_err().to_string();
    assert!(
        refused.contains(&format!("process {}", std::process::id())),
        "{refused}"
    );
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&path, folder.path("link")).unwrap();
        let refused = LockedState::open(&folder.path("link"))
            .map(drop)
            .unwrap_err()
            .to_string();
        assert!(refused.contains("in use"), "{refused}");
    }
    drop(first);
    // The file stays, as after kill -9; it is no obstacle.
    assert!(folder.path("state.lock").exists());
    LockedState::open(&path).unwrap();
}

#[test]
fn files_of_other_programs_are_left_as_they_are() {
    let foreign = |at: &str, text: &str, names: &[&str]| {
        let folder = Folder::new(&format!("foreign-{}", at.replace('.', "-")));
        fs::write(folder.path(at), text).unwrap();
        let refused = LockedState::open(&folder.path("notes"))
            .map(drop)
            .unwrap_err()
            .to_string();
        for name in names {
            assert!(refused.contains(name), "{refused}");
        }
        assert_eq!(folder.names(), if at == "notes.lock" { vec![] } else { vec![at] });
        assert_eq!(fs::read_to_string(folder.path(at)).unwrap(), text);
    };
    foreign("notes", "Dear reader", &["notes"]);
    foreign("notes.journal", "Monday: rain", &["notes.journal", "Move it away"]);
    foreign("notes.journal", "", &["notes.journal", "move the journal away"]);
    foreign("notes.lock", "door", &["notes.lock", "Move it away"]);
    foreign("notes.journal", "poolkeeper-journal 3\nx", &["newer version"]);
    // Neither name is used.
    let folder = Folder::new("beside");
    for name in ["notes.new", "notes.tmp", "notes.poolkeeper-plan.tmp"] {
        fs::write(folder.path(name), "mine").unwrap();
    }
    fs::write(folder.path("notes.poolkeeper-12-0.tmp"), "left by a killed server").unwrap();
    written(&folder.path("notes"), &entries(1));
    for name in ["notes.new", "notes.tmp", "notes.poolkeeper-plan.tmp"] {
        assert_eq!(fs::read_to_string(folder.path(name)).unwrap(), "mine");
    }
    assert!(!folder.path("notes.poolkeeper-12-0.tmp").exists());
}

#[test]
fn a_journal_whose_account_is_gone_or_another_is_never_emptied() {
    let folder = Folder::new("orphan");
    let path = folder.path("state");
    written(&path, &entries(2));
    let journal = fs::read(folder.path("state.journal")).unwrap();
    fs::remove_file(&path).unwrap();
    let refused = LockedState::open(&path).map(drop).unwrap_err().to_string();
    assert!(refused.contains("Put state back"), "{refused}");
    assert_eq!(fs::read(folder.path("state.journal")).unwrap(), journal);
    let other = Sim::scenario(&ScenarioSpec::new(ScenarioKind::SlowDecay, 9, 2).unwrap());
    let (sim, notice) = started_with(&folder, &other.to_bytes(), &journal).unwrap();
    assert!(sim == other && notice.unwrap().contains("does not continue state"));
    assert!(is_kept_somewhere(&folder, &journal));
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = Folder::new("link");
    fs::create_dir(folder.path("real")).unwrap();
    symlink("real/state", folder.path("state")).unwrap();
    written(&folder.path("state"), &entries(1));
    assert!(fs::symlink_metadata(folder.path("state")).unwrap().is_symlink());
    let real = folder.path("real/state");
    assert!(loaded(&real).unwrap().0 == after(&entries(1)));
    for mode in [0o600, 0o664] {
        fs::set_permissions(&real, fs::Permissions::from_mode(mode)).unwrap();
        let (locked, found) = LockedState::open(&folder.path("state")).unwrap();
        let file = locked.keep(&found.unwrap().sim).unwrap();
        file.keep(SimulatorChange::Replaced, &account()).unwrap();
        for name in ["real/state", "real/state.journal"] {
            let found = fs::metadata(folder.path(name)).unwrap().permissions().mode();
            assert_eq!(found & 0o777, mode, "{name}");
        }
    }
    assert!(fs::symlink_metadata(folder.path("state")).unwrap().is_symlink());
}
