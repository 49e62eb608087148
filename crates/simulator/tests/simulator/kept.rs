//! A journal has a change before the account has it.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use mailgun_pools::transport::{Body, Method, Request};
use poolkeeper_simulator::server::{ChangeJournal, Simulator, SimulatorChange};
use poolkeeper_simulator::sim::{Actor, Command, Refusal, RefusalKind, ScenarioKind, ScenarioSpec, Sim};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

#[derive(Default)]
struct Disk {
    is_full: Cell<bool>,
    commands: RefCell<Vec<(Actor, Command)>>,
    accounts: RefCell<Vec<Sim>>,
}

impl ChangeJournal for Disk {
    fn keep(&self, change: SimulatorChange<'_>, after: &Sim) -> Result<(), Refusal> {
        if self.is_full.get() {
            return Err(Refusal::not_stored(
                "The disk is full. Free some space, then send it again.",
            ));
        }
        match change {
            SimulatorChange::Applied { actor, command } => {
                self.commands.borrow_mut().push((actor.clone(), command.clone()));
            }
            SimulatorChange::Replaced => self.commands.borrow_mut().clear(),
        }
        self.accounts.borrow_mut().push(after.clone());
        Ok(())
    }
}

fn scenario(seed: u64) -> Sim {
    Sim::scenario(&ScenarioSpec::new(ScenarioKind::BoughtList, 30, seed).unwrap())
}

#[test]
fn a_change_that_is_not_stored_is_refused_and_not_made() {
    let simulator = Simulator::new(scenario(1));
    let disk = Rc::new(Disk::default());
    simulator.set_journal(Rc::<Disk>::clone(&disk));
    let heard = Rc::new(Cell::new(0));
    let _listening = simulator.subscribe({
        let heard = Rc::clone(&heard);
        move |_, _| heard.set(heard.get() + 1)
    });
    let domain = simulator
        .sim()
        .domains()
        .find(|domain| domain.band().is_some())
        .unwrap()
        .name
        .clone();
    let path = format!("/v1/dynamic_pools/domains/{domain}/override");
    let pin = |pool: &str| {
        let form = Body::Form(vec![("pool".to_owned(), pool.to_owned())]);
        simulator.handle(&Request::new(Method::Put, path.clone()).body(form))
    };
    assert_eq!(pin("dynamic_poor").status, 200);
    let (before, revision) = (simulator.sim(), simulator.revision());
    disk.is_full.set(true);
    let refused = pin("dynamic_new");
    assert_eq!(refused.status, 507);
    assert!(format!("{refused:?}").contains("Free some space"), "{refused:?}");
    assert_eq!(simulator.advance(86_400).unwrap_err().kind, RefusalKind::NotStored);
    assert_eq!(
        simulator.try_replace(scenario(2)).unwrap_err().kind,
        RefusalKind::NotStored
    );
    assert_eq!(
        simulator.handle(&Request::new(Method::Get, "/v3/dynamic_pools")).status,
        200
    );
    assert!(*simulator.sim() == *before, "it is as it was");
    assert_eq!((simulator.revision(), heard.get()), (revision, 1));
    disk.is_full.set(false);
    assert_eq!(pin("dynamic_new").status, 200);
    simulator.advance(86_400).unwrap();
    assert!(disk.accounts.borrow().last() == Some(&*simulator.sim()));
    // The stored commands give the account.
    let mut again = scenario(1);
    for (actor, command) in disk.commands.borrow().iter() {
        again.apply(actor, command).unwrap();
    }
    assert!(again == *simulator.sim());
    assert_eq!(disk.commands.borrow().len(), 3);
}
