//! The record against a store that can crash between any two writes, and tabs that take turns.
#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use poolkeeper_simulator::persistence::{
    FORMAT, KnownState, PendingEntry, RecordFile, RecoverableState, StoreContents, StoreHead, StoreKey, StoreValue,
    StoreWrite, Unrecoverable, WriteQueue, WriteRefused, append, changes_since, compact, is_current, is_snapshot_due,
    recover, replace, set_aside,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A store as the browser's: values by spelled key.
#[derive(Clone, Debug, Default, PartialEq)]
struct Store(BTreeMap<String, StoreValue>);

impl Store {
    fn apply(&mut self, writes: &[StoreWrite]) {
        for write in writes {
            match write {
                StoreWrite::Put(key, value) => drop(self.0.insert(key.spelled(), value.clone())),
                StoreWrite::Delete(key) => drop(self.0.remove(&key.spelled())),
            }
        }
    }

    fn head(&self) -> Option<&str> {
        match self.0.get("head")? {
            StoreValue::Text(text) => Some(text),
            StoreValue::Bytes(_) => None,
        }
    }

    fn raw(&self) -> StoreContents {
        let mut raw = StoreContents::default();
        for (key, value) in &self.0 {
            match (StoreKey::read(key).unwrap(), value.clone()) {
                (StoreKey::Head, StoreValue::Text(text)) => raw.head = Some(text),
                (StoreKey::Snapshot(at), StoreValue::Bytes(bytes)) => drop(raw.snapshots.insert(at, bytes)),
                (StoreKey::Entry(at), StoreValue::Text(text)) => drop(raw.entries.insert(at, text)),
                (StoreKey::Aside(_), StoreValue::Bytes(_)) => {}
                other => panic!("{other:?}"),
            }
        }
        raw
    }

    /// The state it holds; a state is the list of changes that made it.
    fn state(&self) -> Option<Vec<String>> {
        recover(&self.raw()).unwrap().map(|found| restored(&found))
    }
}

fn snapshot_of(state: &[String]) -> Vec<u8> {
    serde_json::to_vec(state).unwrap()
}

fn restored(found: &RecoverableState) -> Vec<String> {
    let mut state: Vec<String> = serde_json::from_slice(&found.snapshot).unwrap();
    state.extend(found.entries.iter().cloned());
    state
}

fn entry(text: &str) -> PendingEntry {
    PendingEntry {
        text: text.to_owned(),
        cost: 1,
    }
}

/// A tab: the state it shows and what it last saw of the store.
#[derive(Clone, Debug, Default)]
struct Tab {
    state: Vec<String>,
    seen: Option<KnownState>,
}

impl Tab {
    fn open(store: &Store) -> Self {
        let found = recover(&store.raw()).unwrap();
        Self {
            state: found.as_ref().map(restored).unwrap_or_default(),
            seen: found.map(|found| KnownState::from(&found.head)),
        }
    }

    /// Plans what a tab does next; the tab is then as it will be once that is stored.
    fn plan(&mut self, store: &Store, action: &Action, tick: usize) -> Result<Vec<StoreWrite>, WriteRefused> {
        let lineage = format!("lineage {tick}");
        let (head, writes) = match (action, self.seen.clone()) {
            (Action::Append(count), Some(seen)) => {
                let entries: Vec<_> = (0..*count).map(|at| entry(&format!("{tick}.{at}"))).collect();
                let planned = append(store.head(), &seen, &entries)?;
                self.state.extend(entries.into_iter().map(|entry| entry.text));
                planned
            }
            (Action::Compact, Some(seen)) => compact(store.head(), &seen, snapshot_of(&self.state))?,
            (_, seen) => {
                let state = vec![format!("new {tick}")];
                let planned = replace(store.head(), seen.as_ref(), &lineage, "Test", snapshot_of(&state))?;
                self.state = state;
                planned
            }
        };
        self.seen = Some(KnownState::from(&head));
        Ok(writes)
    }
}

#[derive(Clone, Debug)]
enum Action {
    Append(usize),
    Compact,
    Replace,
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        4 => (1_usize..4).prop_map(Action::Append),
        2 => Just(Action::Compact),
        1 => Just(Action::Replace),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Three tabs act in any order; some writes stop half way, as if the machine stopped, and the tab opens again.
    #[test]
    fn nothing_is_lost_or_mixed_up(
        steps in proptest::collection::vec((0_usize..3, action(), proptest::option::weighted(0.3, 0_usize..8)), 1..40),
    ) {
        let mut store = Store::default();
        let mut tabs = vec![Tab::default(); 3];
        // The state that the store must hold: what accepted writes made.
        let mut truth: Option<Vec<String>> = None;
        for (tick, (at, action, crash_after)) in steps.iter().enumerate() {
            let before = tabs[*at].clone();
            let is_current = before.seen == recover(&store.raw()).unwrap().map(|found| KnownState::from(&found.head));
            let untouched = store.clone();
            match tabs[*at].plan(&store, action, tick) {
                Err(refused) => {
                    prop_assert_eq!(refused, WriteRefused::Conflict);
                    prop_assert!(!is_current);
                    prop_assert_eq!(&store, &untouched);
                    // A tab that was refused takes over what is stored.
                    tabs[*at] = Tab::open(&store);
                }
                Ok(writes) => {
                    prop_assert!(is_current);
                    let done = crash_after.unwrap_or(writes.len()).min(writes.len());
                    // The state is the one before or the one after, whichever write was the last.
                    store.apply(&writes[..done]);
                    let state = store.state();
                    let after = Some(tabs[*at].state.clone());
                    if done == writes.len() {
                        prop_assert_eq!(&state, &after);
                    } else {
                        prop_assert!(state == after || state == truth, "{:?} after {}", state, done);
                        tabs[*at] = Tab::open(&store);
                    }
                    truth = state;
                }
            }
            prop_assert_eq!(&store.state(), &truth);
            prop_assert_eq!(&Tab::open(&store).state, &truth.clone().unwrap_or_default());
        }
    }
}

/// A record with a snapshot of `a` and the changes `b` and `c`.
fn sample() -> (Store, Tab) {
    let mut store = Store::default();
    let mut tab = Tab::default();
    let (head, writes) = replace(None, None, "first", "Steady senders", snapshot_of(&["a".to_owned()])).unwrap();
    store.apply(&writes);
    let (head, writes) = append(store.head(), &KnownState::from(&head), &[entry("b"), entry("c")]).unwrap();
    store.apply(&writes);
    tab.seen = Some(KnownState::from(&head));
    tab.state = ["a", "b", "c"].map(str::to_owned).to_vec();
    (store, tab)
}

#[test]
fn a_snapshot_takes_the_entries_place_without_a_new_revision() {
    let (mut store, tab) = sample();
    let seen = tab.seen.unwrap();
    let (head, writes) = compact(store.head(), &seen, snapshot_of(&tab.state)).unwrap();
    store.apply(&writes);
    assert_eq!(KnownState::from(&head), seen);
    assert_eq!(store.0.len(), 2, "{store:?}");
    assert_eq!(store.state(), Some(tab.state));
    // Another one changes nothing.
    assert_eq!(compact(store.head(), &seen, vec![]).unwrap().1, []);
}

#[test]
fn a_snapshot_is_due_after_many_or_dear_entries() {
    let (store, tab) = sample();
    let seen = tab.seen.unwrap();
    let grown = |entries: &[PendingEntry]| append(store.head(), &seen, entries).unwrap().0;
    assert!(!is_snapshot_due(&grown(&[entry("d")])));
    assert!(is_snapshot_due(&grown(&vec![entry("d"); 200])));
    let dear = PendingEntry {
        text: "d".to_owned(),
        cost: 100_000,
    };
    assert!(!is_snapshot_due(&grown(&vec![dear.clone(); 3])));
    assert!(is_snapshot_due(&grown(&vec![dear; 4])));
}

#[test]
fn who_is_behind_is_refused_and_learns_why() {
    let (mut store, tab) = sample();
    let old = tab.seen.unwrap();
    let (_, writes) = append(store.head(), &old, &[entry("d")]).unwrap();
    store.apply(&writes);
    assert_eq!(append(store.head(), &old, &[entry("e")]), Err(WriteRefused::Conflict));
    assert_eq!(compact(store.head(), &old, vec![]), Err(WriteRefused::Conflict));
    assert_eq!(
        replace(store.head(), Some(&old), "x", "x", vec![]),
        Err(WriteRefused::Conflict)
    );
    // Who saw an empty store does not overwrite what came since.
    assert_eq!(
        replace(store.head(), None, "x", "x", vec![]),
        Err(WriteRefused::Conflict)
    );
    assert_eq!(append(None, &old, &[entry("e")]), Err(WriteRefused::Gone));
    let newer = format!("{{\"format\":{},\"anything\":true}}", FORMAT + 1);
    assert_eq!(append(Some(&newer), &old, &[entry("e")]), Err(WriteRefused::Newer));
}

#[test]
fn a_tab_that_is_behind_learns_which_changes_it_lacks() {
    let (mut store, tab) = sample();
    let seen = tab.seen.unwrap();
    let at = |revision| KnownState {
        revision,
        ..seen.clone()
    };
    let lacks = |store: &Store, seen: &KnownState| changes_since(store.head(), seen).map(|(_, revisions)| revisions);
    assert!(is_current(store.head(), Some(&seen)));
    assert_eq!(lacks(&store, &seen), Some(std::ops::RangeInclusive::new(4, 3)));
    assert_eq!(lacks(&store, &at(2)), Some(3..=3));
    assert_eq!(lacks(&store, &at(1)), Some(2..=3));
    // Before the snapshot, after the end, another record, none, one of a newer version: the whole is to be restored.
    assert_eq!(lacks(&store, &at(0)), None);
    assert_eq!(lacks(&store, &at(4)), None);
    let other = KnownState {
        lineage: "other".to_owned(),
        revision: 2,
    };
    assert_eq!(lacks(&store, &other), None);
    assert_eq!(changes_since(None, &seen), None);
    assert_eq!(changes_since(Some("{\"format\":7}"), &seen), None);
    assert!(!is_current(store.head(), Some(&at(2))) && !is_current(store.head(), Some(&other)));
    assert!(!is_current(store.head(), None) && !is_current(None, Some(&seen)) && is_current(None, None));
    // A snapshot of the same state changes nothing for those who show it.
    let (_, writes) = compact(store.head(), &seen, snapshot_of(&tab.state)).unwrap();
    store.apply(&writes);
    assert!(is_current(store.head(), Some(&seen)));
    assert_eq!(lacks(&store, &at(2)), None);
}

#[test]
fn what_cannot_be_restored_says_why() {
    let (store, _) = sample();
    let whole = store.raw();
    let broken = |change: &dyn Fn(&mut StoreContents)| {
        let mut raw = whole.clone();
        change(&mut raw);
        recover(&raw).unwrap_err()
    };
    let with_head = |change: &dyn Fn(&mut StoreHead)| {
        let mut head: StoreHead = serde_json::from_str(whole.head.as_ref().unwrap()).unwrap();
        change(&mut head);
        broken(&|raw| raw.head = Some(serde_json::to_string(&head).unwrap()))
    };
    assert_eq!(broken(&|raw| raw.head = None), Unrecoverable::NoHead);
    assert_eq!(
        broken(&|raw| raw.head = Some("{\"form".to_owned())),
        Unrecoverable::BadHead
    );
    assert_eq!(
        broken(&|raw| raw.head = Some("{\"format\":1}".to_owned())),
        Unrecoverable::BadHead
    );
    assert_eq!(with_head(&|head| head.snapshot = 99), Unrecoverable::BadHead);
    assert_eq!(with_head(&|head| head.format = 7), Unrecoverable::Newer { format: 7 });
    assert_eq!(broken(&|raw| raw.snapshots.clear()), Unrecoverable::BadSnapshot);
    assert_eq!(
        broken(&|raw| raw.snapshots.get_mut(&1).unwrap().truncate(2)),
        Unrecoverable::BadSnapshot
    );
    assert_eq!(
        broken(&|raw| drop(raw.entries.remove(&2))),
        Unrecoverable::MissingEntry { revision: 2 }
    );
    assert_eq!(recover(&StoreContents::default()), Ok(None));
}

#[test]
fn what_is_moved_aside_keeps_every_byte_and_makes_room() {
    let (mut store, tab) = sample();
    let whole = store.raw();
    store
        .0
        .insert("head".to_owned(), StoreValue::Text("{\"format\":7}".to_owned()));
    let newer = store.raw();
    let writes = set_aside(&newer, "2026-04-01");
    for done in 0..=writes.len() {
        let mut store = store.clone();
        store.apply(&writes[..done]);
        // Up to the end, the record or the file has everything.
        let is_there = store.raw() == newer || store.0.contains_key("aside/2026-04-01");
        assert!(is_there, "after {done} writes");
    }
    store.apply(&writes);
    assert_eq!(store.0.len(), 1);
    assert_eq!(recover(&store.raw()), Ok(None));
    let Some(StoreValue::Bytes(bytes)) = store.0.get("aside/2026-04-01") else {
        panic!("{store:?}")
    };
    assert_eq!(
        RecordFile::read(bytes).unwrap().recover(),
        Err(Unrecoverable::Newer { format: 7 })
    );
    // A new record may start; whoever still shows the old one is refused.
    let (_, writes) = replace(store.head(), None, "second", "New", snapshot_of(&[])).unwrap();
    store.apply(&writes);
    assert_eq!(
        append(store.head(), &tab.seen.unwrap(), &[entry("d")]),
        Err(WriteRefused::Conflict)
    );

    // A whole one in a file opens again.
    let StoreWrite::Put(_, StoreValue::Bytes(bytes)) = &set_aside(&whole, "x")[0] else {
        panic!("no file")
    };
    assert!(RecordFile::is_one(bytes));
    let found = RecordFile::read(bytes).unwrap().recover().unwrap().unwrap();
    assert_eq!(restored(&found), ["a", "b", "c"]);
    assert_eq!(found.head.name, "Steady senders");
    for cut in [0, 10, bytes.len() - 1] {
        assert!(RecordFile::read(&bytes[..cut]).is_err(), "{cut}");
    }
    assert!(RecordFile::read(&[bytes.as_slice(), b"x"].concat()).is_err());
}

#[test]
fn keys_sort_by_number_and_read_back() {
    let keys = [
        StoreKey::Aside("x/y".to_owned()),
        StoreKey::Entry(9),
        StoreKey::Entry(0x10),
        StoreKey::Entry(u64::MAX),
        StoreKey::Head,
        StoreKey::Snapshot(2),
        StoreKey::Snapshot(11),
    ];
    let spelled: Vec<_> = keys.iter().map(StoreKey::spelled).collect();
    assert!(spelled.is_sorted(), "{spelled:?}");
    for (key, spelled) in keys.iter().zip(&spelled) {
        assert_eq!(StoreKey::read(spelled).as_ref(), Some(key));
    }
    assert_eq!(StoreKey::read("tail/1"), None);
}

/// Lets a queue write its next batch; `Ok(false)` when it has none.
fn write(queue: &mut WriteQueue, store: &mut Store) -> Result<bool, WriteRefused> {
    let Some(batch) = queue.next(|| "lineage".to_owned()) else {
        return Ok(false);
    };
    match batch.plan(store.head()) {
        Ok((head, writes)) => {
            store.apply(&writes);
            queue.written(head);
            Ok(true)
        }
        Err(refused) => {
            queue.refused(refused);
            Err(refused)
        }
    }
}

#[test]
fn a_queue_writes_in_order_and_changes_in_a_row_at_once() {
    let (mut store, mut queue) = (Store::default(), WriteQueue::default());
    assert!(!queue.append(entry("nowhere to go")));
    assert!(!queue.compact(vec![]));
    assert!(queue.replace("New", snapshot_of(&["a".to_owned()])));
    for text in ["b", "c", "d"] {
        assert!(queue.append(entry(text)));
    }
    let state = ["a", "b", "c", "d"].map(str::to_owned);
    assert!(queue.compact(snapshot_of(&state)));
    assert!(queue.append(entry("e")));

    let batch = queue.next(|| "lineage".to_owned()).unwrap();
    assert_eq!(queue.next(String::new), None, "one batch at a time");
    let (head, writes) = batch.plan(store.head()).unwrap();
    store.apply(&writes);
    queue.written(head);
    assert_eq!(store.state().unwrap(), ["a"]);
    let mut states = Vec::new();
    while write(&mut queue, &mut store).unwrap() {
        states.push(store.state().unwrap().concat());
    }
    assert_eq!(states, ["abcd", "abcd", "abcde"]);
    assert!(queue.is_empty());
    assert_eq!(store.raw().entries.len(), 1);
}

#[test]
fn a_queue_that_was_refused_takes_nothing_until_it_starts_again() {
    let (mut store, tab) = sample();
    let head: StoreHead = serde_json::from_str(store.head().unwrap()).unwrap();
    let (mut here, mut there) = (WriteQueue::default(), WriteQueue::default());
    here.start(Some(head.clone()));
    there.start(Some(head));
    // Until a tab shows what is stored, its changes are those of another state.
    assert!(!here.append(entry("x")) && !here.compact(vec![]) && !here.is_snapshot_due());
    here.resume();
    there.resume();
    assert!(here.append(entry("d")) && there.append(entry("x")));
    assert_eq!(write(&mut here, &mut store), Ok(true));
    assert!(there.append(entry("y")));
    assert_eq!(write(&mut there, &mut store), Err(WriteRefused::Conflict));
    assert_eq!(there.refusal(), Some(WriteRefused::Conflict));
    assert!(there.is_empty());
    assert!(!there.append(entry("z")) && !there.replace("z", vec![]) && !there.compact(vec![]));
    assert_eq!(store.state().unwrap().concat(), "abcd");
    there.start(recover(&store.raw()).unwrap().map(|found| found.head));
    there.resume();
    assert!(there.append(entry("z")));
    assert_eq!(write(&mut there, &mut store), Ok(true));
    assert_eq!(store.state().unwrap().concat(), "abcdz");

    // Where the browser's data was cleared, the state that is shown can be kept anew.
    store.0.clear();
    assert!(here.append(entry("lost")));
    assert_eq!(write(&mut here, &mut store), Err(WriteRefused::Gone));
    assert!(here.replace("Again", snapshot_of(&tab.state)));
    assert_eq!(write(&mut here, &mut store), Ok(true));
    assert_eq!(store.state().unwrap().concat(), "abc");
}

#[test]
fn what_could_not_be_stored_is_tried_again() {
    let (mut store, tab) = sample();
    let head: StoreHead = serde_json::from_str(store.head().unwrap()).unwrap();
    let mut queue = WriteQueue::default();
    queue.start(Some(head));
    queue.resume();
    assert!(queue.append(entry("d")));
    assert!(queue.next(String::new).is_some());
    queue.failed();
    assert!(queue.append(entry("e")));
    assert_eq!(write(&mut queue, &mut store), Ok(true));
    assert_eq!(store.state().unwrap().concat(), "abcde");
    // A snapshot of what is stored anyway is not: it may be what does not fit.
    assert!(queue.compact(snapshot_of(&tab.state)));
    assert!(queue.next(String::new).is_some());
    queue.failed();
    assert!(queue.is_empty());
    // Another state makes the changes before it pointless, but for those under way.
    assert!(queue.append(entry("f")));
    let under_way = queue.next(String::new).unwrap();
    assert!(queue.append(entry("g")));
    assert!(queue.replace("Other", snapshot_of(&["n".to_owned()])));
    let (head, writes) = under_way.plan(store.head()).unwrap();
    store.apply(&writes);
    queue.written(head);
    assert_eq!(store.state().unwrap().concat(), "abcdef");
    assert_eq!(write(&mut queue, &mut store), Ok(true));
    assert_eq!(store.state().unwrap().concat(), "n");
}
