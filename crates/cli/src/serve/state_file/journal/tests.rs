//! Damage to any byte, a journal cut off at any byte, a disk that is full at any byte.

use super::*;
use poolkeeper_core::checked_lines::checked_line;
use std::cell::RefCell;
use std::rc::Rc;

fn records(count: u64) -> Vec<JournalRecord> {
    let record = |seconds| {
        JournalRecord::Change(JournalEntry {
            actor: Actor::parent("ann@example.com"),
            command: Command::Advance { seconds },
        })
    };
    let changes = (1..=count).map(record);
    std::iter::once(JournalRecord::Continues("account".to_owned()))
        .chain(changes)
        .collect()
}

/// The bytes of a journal with these records.
fn written(records: &[JournalRecord]) -> Vec<u8> {
    let mut bytes = b"poolkeeper-journal 2\n".to_vec();
    for (number, record) in (1..).zip(records) {
        bytes.extend(checked_line(number, &text(record).unwrap()).into_bytes());
    }
    bytes
}

#[test]
fn any_other_byte_anywhere_is_noticed_and_the_records_before_it_are_read() {
    let records = records(3);
    let bytes = written(&records);
    for at in 0..bytes.len() {
        for other in (0..=u8::MAX).filter(|other| *other != bytes[at]) {
            let mut damaged = bytes.clone();
            damaged[at] = other;
            let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count();
            match JournalContents::read(&damaged) {
                Ok(contents) => {
                    assert_eq!(
                        contents.records,
                        records[..line.saturating_sub(1)],
                        "byte {at} is {other}"
                    );
                    assert_eq!(
                        contents.damage.map(|damage| damage.line),
                        Some(line + 1),
                        "byte {at} is {other}"
                    );
                }
                // In the first line it may be another program's file.
                Err(_) => assert_eq!(line, 0, "byte {at} is {other}"),
            }
        }
    }
}

#[test]
fn a_journal_cut_off_anywhere_keeps_every_whole_record() {
    let records = records(3);
    let bytes = written(&records);
    for length in 0..=bytes.len() {
        let contents = JournalContents::read(&bytes[..length]).unwrap();
        // A line is whole without its line end too.
        let lines = (0..bytes.len())
            .filter(|at| bytes[*at] == b'\n' && *at <= length)
            .count();
        assert_eq!(contents.records, records[..lines.saturating_sub(1)], "{length} bytes");
        let is_without_a_format = length < b"poolkeeper-journal 2".len();
        assert_eq!(contents.damage.is_some(), is_without_a_format, "{length} bytes");
    }
}

/// A file in memory that takes so many bytes more, and then fails with part of them written.
struct FullFile {
    bytes: Rc<RefCell<Vec<u8>>>,
    room: Rc<RefCell<usize>>,
    can_cut: bool,
}

impl AppendFile for FullFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut room = self.room.borrow_mut();
        let fits = bytes.len().min(*room);
        *room -= fits;
        self.bytes.borrow_mut().extend_from_slice(&bytes[..fits]);
        if fits < bytes.len() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        if !self.can_cut {
            self.can_cut = true;
            return Err(io::Error::other("not now"));
        }
        self.bytes.borrow_mut().truncate(usize::try_from(length).unwrap());
        Ok(())
    }
}

#[test]
fn a_disk_that_is_full_at_any_byte_leaves_whole_records_and_later_ones_follow() {
    let records = &records(3)[1..];
    let length = {
        let bytes = Rc::new(RefCell::new(Vec::new()));
        let room = Rc::new(RefCell::new(usize::MAX));
        let file = FullFile {
            bytes: Rc::clone(&bytes),
            room,
            can_cut: true,
        };
        let mut journal = Journal::begin(file, "account".to_owned()).unwrap();
        records.iter().for_each(|record| journal.append(record).unwrap());
        bytes.borrow().len()
    };
    let mut refused = 0;
    for space in 0..=length {
        for can_cut in [true, false] {
            let bytes = Rc::new(RefCell::new(Vec::new()));
            let room = Rc::new(RefCell::new(space));
            let file = FullFile {
                bytes: Rc::clone(&bytes),
                room: Rc::clone(&room),
                can_cut,
            };
            let Ok(mut journal) = Journal::begin(file, "account".to_owned()) else {
                continue;
            };
            let mut stored = vec![JournalRecord::Continues("account".to_owned())];
            for record in records {
                match journal.append(record) {
                    Ok(()) => stored.push(record.clone()),
                    Err(_) => refused += 1,
                }
                let contents = JournalContents::read(&bytes.borrow()).unwrap();
                // Where it could not be cut off, a record may be whole but for its line end.
                let read = contents.records.get(..stored.len()).filter(|_| !can_cut);
                assert_eq!(read.unwrap_or(&contents.records), stored, "room for {space} bytes");
                assert_eq!(contents.damage, None, "room for {space} bytes");
            }
            *room.borrow_mut() = usize::MAX;
            journal.append(&records[0]).unwrap();
            stored.push(records[0].clone());
            let contents = JournalContents::read(&bytes.borrow()).unwrap();
            assert_eq!(
                (contents.records, contents.damage),
                (stored, None),
                "room for {space} bytes, then more"
            );
        }
    }
    assert!(refused > length, "each length refused something: {refused}");
}
