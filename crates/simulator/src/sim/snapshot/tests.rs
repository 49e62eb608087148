use super::*;
use crate::sim::{Actor, Command, HistoryFilter, MAX_ADVANCE_SECONDS, ScenarioKind, ScenarioSpec};
use poolkeeper_core::model::{Counts, DomainName};
use poolkeeper_core::traffic::TableDomain;
use proptest::prelude::*;

fn busy() -> Sim {
    let spec = ScenarioSpec::new(ScenarioKind::BoughtList, 40, 3)
        .unwrap()
        .with_past_days(20)
        .unwrap();
    let mut sim = Sim::scenario(&spec);
    let boss = Actor::parent("ann@example.com");
    sim.apply(
        &boss,
        &Command::EnrollAll {
            include_subaccounts: true,
        },
    )
    .unwrap();
    sim.apply(&boss, &Command::Advance { seconds: 4 }).unwrap();
    sim
}

fn of_a_table() -> Sim {
    let domain = |name: &str, account| TableDomain {
        name: DomainName::as_sent(name),
        account,
    };
    let domains = vec![domain("a.example", 0), domain("b.example", 1)];
    let accounts = vec!["Acme".to_owned(), "Acme EU".to_owned()];
    let mut table = Table::empty(Day(20_000), 12, accounts, domains);
    let counts = Counts {
        processed: 500,
        delivered: 480,
        bounced: 9,
        complained: 0,
    };
    for day in 0..12 {
        table
            .add(usize::from(day % 3 == 0), Day(20_000 + day), &counts)
            .unwrap();
    }
    Sim::from_table(Arc::new(table), "counts.csv")
}

fn sealed(payload: &[u8]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&(payload.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&checksum(payload).to_le_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

#[test]
fn what_is_saved_comes_back_whole() {
    for sim in [busy(), of_a_table()] {
        let back = Sim::from_bytes(&sim.to_bytes()).unwrap();
        assert_eq!(back, sim);
        let (mut one, mut other) = (sim, back);
        let step = Command::Advance {
            seconds: 3 * 86_400 + 5,
        };
        for sim in [&mut one, &mut other] {
            sim.apply(&Actor::parent("ann@example.com"), &step).unwrap();
        }
        assert_eq!(one.to_bytes(), other.to_bytes());
    }
    let json = serde_json::to_string(&busy()).unwrap();
    assert_eq!(serde_json::from_str::<Sim>(&json).unwrap(), busy());
}

#[test]
fn every_kind_of_wrong_file_is_told_apart() {
    let good = busy().to_bytes();
    for foreign in [
        &b""[..],
        b"\x7fELF",
        b"date,domain,processed\n2026-04-01,a.example,1\n",
        b"PKSIM...",
    ] {
        assert_eq!(Sim::from_bytes(foreign), Err(SnapshotError::Foreign));
    }
    for have in 1..good.len() {
        let error = Sim::from_bytes(&good[..have]).unwrap_err();
        assert!(
            matches!(error, SnapshotError::Truncated { have: told, .. } if told == have as u64),
            "{have}: {error}"
        );
    }
    let mut newer = good.clone();
    newer[8] = 9;
    assert_eq!(
        Sim::from_bytes(&newer),
        Err(SnapshotError::Newer {
            found: 9,
            known: VERSION
        })
    );
    let mut longer = good.clone();
    longer.push(0);
    assert!(matches!(Sim::from_bytes(&longer), Err(SnapshotError::Damaged(_))));
    let mut flipped = good.clone();
    *flipped.last_mut().unwrap() ^= 1;
    assert_eq!(
        Sim::from_bytes(&flipped),
        Err(SnapshotError::Damaged("its checksum does not fit"))
    );
    let mut old = good[HEADER_BYTES..].to_vec();
    old[0] = 99;
    let other = SnapshotError::OtherGenerator {
        found: 99,
        known: GENERATOR_VERSION,
    };
    assert_eq!(Sim::from_bytes(&sealed(&old)), Err(other));
}

#[test]
fn a_length_that_lies_allocates_nothing() {
    let mut bytes = sealed(&[]);
    bytes[12..20].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(matches!(Sim::from_bytes(&bytes), Err(SnapshotError::Truncated { .. })));
    // Inside, a list that claims to hold 2⁶³ entries.
    let lie = [&[1, 0, 0, 0, 0, 0, 0][..], &[0xff; 9], &[0x01]].concat();
    assert!(matches!(Sim::from_bytes(&sealed(&lie)), Err(SnapshotError::Damaged(_))));
}

/// Uses an account in every way that could trip over nonsense in it.
fn exercise(mut sim: Sim) {
    let boss = Actor::parent("ann@example.com");
    for domain in sim.domains() {
        let _ = (sim.domain_events(domain.ix), sim.records_of(domain.ix).count());
        let _ = sim.preview(&boss, domain.name);
    }
    for ip in sim.ips() {
        let _ = (sim.warm_up(&ip.ip), sim.pool_of(&ip.ip));
    }
    let _ = sim
        .history(&HistoryFilter {
            after: Some(sim.now()),
            ..HistoryFilter::default()
        })
        .count();
    for seconds in [1, 86_400, 40 * 86_400, MAX_ADVANCE_SECONDS] {
        let _ = sim.apply(&boss, &Command::Advance { seconds });
        let _ = sim.apply(
            &boss,
            &Command::EnrollAll {
                include_subaccounts: true,
            },
        );
    }
    let _ = sim.apply(&boss, &Command::RemovePools);
    // What was taken in is an account: it can be saved and opened again.
    assert_eq!(Sim::from_bytes(&sim.to_bytes()).as_ref(), Ok(&sim));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn hostile_bytes_are_refused_or_harmless(
        from_table in any::<bool>(),
        changes in proptest::collection::vec((any::<u32>(), any::<u8>()), 1..6),
    ) {
        let sim = if from_table { of_a_table() } else { busy() };
        let mut payload = sim.to_bytes().split_off(HEADER_BYTES);
        for (at, byte) in changes {
            let at = at as usize % payload.len();
            payload[at] = byte;
        }
        if let Ok(sim) = Sim::from_bytes(&sealed(&payload)) {
            exercise(sim);
        }
    }

    #[test]
    fn hostile_beginnings_are_refused_or_harmless(
        from_table in any::<bool>(),
        changes in proptest::collection::vec((0..400_usize, any::<u8>()), 1..4),
    ) {
        // The first bytes hold the scenario, the clock, the policy and the accounts.
        let sim = if from_table { of_a_table() } else { busy() };
        let mut payload = sim.to_bytes().split_off(HEADER_BYTES);
        for (at, byte) in changes {
            if let Some(slot) = payload.get_mut(at) {
                *slot = byte;
            }
        }
        if let Ok(sim) = Sim::from_bytes(&sealed(&payload)) {
            exercise(sim);
        }
    }

    #[test]
    fn noise_is_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Sim::from_bytes(&bytes).is_err());
        prop_assert!(Sim::from_bytes(&sealed(&bytes)).is_err());
    }
}
