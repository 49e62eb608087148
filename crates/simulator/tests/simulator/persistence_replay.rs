//! A simulator and its record: what is stored comes back to the byte, and what cannot be repeated is noticed.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use poolkeeper_core::health::Policy;
use poolkeeper_core::model::Band;
use poolkeeper_simulator::persistence::{
    JournalReplay, SnapshotAndChanges, StoreContents, StoreValue, StoreWrite, Unrecoverable, change, recover, repeat,
    replace, set_aside,
};
use poolkeeper_simulator::sim::{Actor, Command, DomainIx, ScenarioKind, ScenarioSpec, Sim};
use proptest::prelude::*;

fn sim() -> Sim {
    Sim::scenario(&ScenarioSpec::new(ScenarioKind::BoughtList, 60, 7).unwrap())
}

fn command(sim: &Sim, pick: u32) -> Command {
    let domain = sim.domain(DomainIx(pick % sim.domain_count())).unwrap().name.clone();
    match pick / 64 % 6 {
        0 => Command::SetOverride {
            domain,
            pool: Band::Poor,
        },
        1 => Command::ClearOverride { domain },
        2 => Command::SetPolicy(Policy {
            window_days: 1 + pick % 14,
            ..Policy::default()
        }),
        3 => Command::EnrollAll {
            include_subaccounts: pick.is_multiple_of(2),
        },
        _ => Command::Advance {
            seconds: u64::from(1 + pick % 200_000),
        },
    }
}

fn restore(opening: SnapshotAndChanges) -> Result<Sim, Unrecoverable> {
    let mut replay = JournalReplay::new(opening)?;
    while replay.step()? {}
    Ok(replay.sim())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_snapshot_and_its_changes_give_the_same_bytes(picks in proptest::collection::vec(any::<u32>(), 1..12), at in 0_usize..12) {
        let actor = Actor::parent("ann@example.com");
        let mut live = sim();
        let mut opening = SnapshotAndChanges { snapshot: live.to_bytes(), entries: Vec::new() };
        for (step, pick) in picks.into_iter().enumerate() {
            let command = command(&live, pick);
            if live.apply(&actor, &command).is_ok() {
                opening.entries.push(change(&actor, &command, &live).text);
            }
            if step == at {
                // A snapshot takes the entries' place.
                opening = SnapshotAndChanges { snapshot: live.to_bytes(), entries: Vec::new() };
            }
        }
        let restored = restore(opening).unwrap();
        prop_assert!(restored == live);
        prop_assert_eq!(restored.to_bytes(), live.to_bytes());
    }
}

#[test]
fn a_change_that_comes_to_something_else_is_noticed_and_undone() {
    let actor = Actor::parent("ann@example.com");
    let mut after = sim();
    let day = Command::Advance { seconds: 86_400 };
    after.apply(&actor, &day).unwrap();
    let good = change(&actor, &day, &after).text;
    let mut again = sim();
    repeat(&mut again, &good).unwrap();
    assert!(again == after);
    let names_a_rule = good.replace("\"seconds\":86400", "\"seconds\":0");
    for bad in [
        // The second time it is another day, and another history.
        good.as_str(),
        names_a_rule.as_str(),
        "{\"actor\":",
        "{\"command\":{\"no_such\":1}}",
    ] {
        let result = repeat(&mut again, bad);
        assert!(matches!(result, Err(Unrecoverable::Unreadable(_))), "{bad}: {result:?}");
        assert!(again == after, "{bad}");
    }
    let opening = SnapshotAndChanges {
        snapshot: sim().to_bytes(),
        entries: vec![good.clone(), good],
    };
    let mut replay = JournalReplay::new(opening).unwrap();
    assert_eq!((replay.left(), replay.step()), (2, Ok(true)));
    assert!(replay.step().is_err());
    assert!(replay.sim() == after, "what went before stays");
}

#[test]
fn long_and_wide_changes_cost_more() {
    let sim = sim();
    let cost = |command| change(&Actor::parent("ann@example.com"), &command, &sim).cost;
    assert_eq!(cost(Command::Advance { seconds: 10 * 86_400 }), 600);
    assert_eq!(cost(Command::Advance { seconds: 1 }), 1);
    assert_eq!(cost(Command::SetPolicy(Policy::default())), 60);
    assert_eq!(cost(Command::RemovePools), 1);
}

#[test]
fn files_of_both_kinds_open() {
    let saved = sim().to_bytes();
    assert!(restore(SnapshotAndChanges::of_file(saved.clone()).unwrap()).unwrap() == sim());

    let (_, writes) = replace(None, None, "a", "Bought list", saved.clone()).unwrap();
    let mut raw = StoreContents::default();
    for write in writes {
        match write {
            StoreWrite::Put(_, StoreValue::Text(head)) => raw.head = Some(head),
            StoreWrite::Put(_, StoreValue::Bytes(bytes)) => drop(raw.snapshots.insert(1, bytes)),
            StoreWrite::Delete(_) => {}
        }
    }
    assert!(recover(&raw).unwrap().is_some());
    let Some(StoreWrite::Put(_, StoreValue::Bytes(file))) = set_aside(&raw, "x").into_iter().next() else {
        panic!("no file")
    };
    assert!(restore(SnapshotAndChanges::of_file(file.clone()).unwrap()).unwrap() == sim());

    let cut = file.len() - 1;
    for bad in [&b"no simulator"[..], &saved[..saved.len() - 1], &file[..cut]] {
        assert!(SnapshotAndChanges::of_file(bad.to_vec()).and_then(restore).is_err());
    }
}
