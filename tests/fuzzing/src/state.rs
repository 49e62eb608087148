//! What is stored: a saved account, its journals, the record of changes. Damage is found, and nothing that is read is
//! read differently once it is written again.

use crate::requests::account;
use poolkeeper_account::record::{ChangeRecord, RECORD_HEADER, RecordContents};
use poolkeeper_cli::decoders;
use poolkeeper_core::checked_lines::checked_line;
use poolkeeper_simulator::persistence::{JournalReplay, RecordFile, SnapshotAndChanges, repeat};
use poolkeeper_simulator::sim::Sim;

/// The first byte chooses: bytes of a file, or what a checksum would have let through.
pub fn account_state(bytes: &[u8]) {
    let Some((choice, bytes)) = bytes.split_first() else {
        return;
    };
    let read = if choice & 1 == 0 {
        if RecordFile::is_one(bytes)
            && let Ok(file) = RecordFile::read(bytes)
        {
            assert_eq!(RecordFile::read(&file.to_bytes()), Ok(file.clone()));
            let _ = file.recover();
        }
        if let Ok(mut replay) = SnapshotAndChanges::of_file(bytes.to_vec()).and_then(JournalReplay::new) {
            while replay.left() > 0 && matches!(replay.step(), Ok(true)) {}
        }
        Sim::from_bytes(bytes).ok()
    } else {
        postcard::from_bytes(bytes).ok()
    };
    if let Some(mut sim) = read {
        use_it(&mut sim);
    }
}

/// What is made of an account: everything in it is looked at, time passes, and it is stored again.
fn use_it(sim: &mut Sim) {
    let stored = sim.to_bytes();
    assert_eq!(Sim::from_bytes(&stored).map(|again| again.to_bytes()), Ok(stored));
    for domain in sim.domains().take(50) {
        let _ = (sim.domain_id(domain.ix), domain.band(), sim.account(domain.account));
        let _ = sim.counts(domain.ix, sim.last_complete_day());
    }
    let actor = poolkeeper_simulator::sim::Actor {
        account: poolkeeper_simulator::sim::AccountIx::PARENT,
        by: "fuzz@example.org".to_owned(),
    };
    if sim.domain_count() < 1_000 {
        let _ = sim.apply(&actor, &poolkeeper_simulator::sim::Command::Advance { seconds: 86_400 });
    }
}

/// Lines of a text as lines with their checksums.
fn with_checksums(header: &str, text: &str) -> Vec<u8> {
    let lines = (1..).zip(text.lines()).map(|(number, line)| checked_line(number, line));
    std::iter::once(format!("{header}\n"))
        .chain(lines)
        .collect::<String>()
        .into_bytes()
}

/// The first byte chooses: bytes of a file, or its lines without checksums.
pub fn journal(bytes: &[u8]) {
    let Some((choice, bytes)) = bytes.split_first() else {
        return;
    };
    let text = String::from_utf8_lossy(bytes);
    let file = if choice & 1 == 0 {
        bytes.to_vec()
    } else {
        with_checksums("poolkeeper-journal 2", &text)
    };
    if let Some((changes, whole_bytes)) = decoders::journal(&file) {
        assert!(whole_bytes <= file.len() as u64);
        let mut sim = account();
        for (actor, command) in changes.iter().take(20) {
            let before = sim.to_bytes();
            if sim.apply(actor, command).is_err() {
                assert!(
                    sim.to_bytes() == before,
                    "a refused command changed something: {command:?}"
                );
            }
        }
    }
    // The page's journal: JSON, a change a line.
    let mut sim = account();
    for line in text.lines().take(20) {
        let _ = repeat(&mut sim, line);
    }
}

/// As [`journal`].
pub fn record_of_changes(bytes: &[u8]) {
    let Some((choice, bytes)) = bytes.split_first() else {
        return;
    };
    let file = if choice & 1 == 0 {
        bytes.to_vec()
    } else {
        with_checksums(RECORD_HEADER, &String::from_utf8_lossy(bytes))
    };
    let Ok(read) = RecordContents::read(&file) else { return };
    assert!(read.whole_bytes <= file.len());
    let texts: Vec<String> = read.entries.iter().map(|entry| entry.text().expect("JSON")).collect();
    let again = RecordContents::read(&with_checksums(RECORD_HEADER, &texts.join("\n"))).expect("a record");
    assert_eq!((&again.entries, again.damage), (&read.entries, None));
    for entry in &read.entries {
        let _ = entry.is_bounded();
    }
    let record: ChangeRecord = read.entries.into_iter().collect();
    for change in record.newest_first() {
        let _ = (
            change.outcome(),
            change.counts(),
            change.rest(),
            change.go_on(),
            change.put_back(),
        );
    }
}
