//! The record of changes of the console server, which is killed in the middle of them.

use super::{Steps, report, tries};
use crate::console::raw::exchange;
use crate::console::record::{Recorded, change};
use crate::console::service::Service;
use poolkeeper_account::record::{ItemAnswer, RecordEntry};
use std::sync::mpsc::channel;
use std::thread;

#[test]
fn no_change_leaves_without_its_entry_when_the_console_is_killed() {
    let times = tries(2, 100);
    let recorded = Recorded::new("torture_record", Service::plain());
    let mut steps = Steps(11);
    let mut answered = 0;
    for round in 0..times {
        let (console, session) = recorded.start();
        let (sender, answers) = channel();
        let clients: Vec<_> = ["dynamic_poor", "dynamic_new"]
            .map(|pool| {
                let (ask, address) = (change(&console, &session, pool), console.address.clone());
                let sender = sender.clone();
                thread::spawn(move || {
                    let mut made = 0;
                    // An answer that breaks off is none.
                    while exchange(&address, &ask.bytes()).starts_with(b"HTTP/1.1 200") {
                        made += 1;
                        let _ = sender.send(());
                    }
                    made
                })
            })
            .into();
        for _ in 0..=steps.below(12) {
            answers.recv().unwrap();
        }
        console.end();
        answered += clients.into_iter().map(|client| client.join().unwrap()).sum::<usize>();
        let entries = recorded.entries();
        let count = |is: fn(&RecordEntry) -> bool| entries.iter().filter(|entry| is(entry)).count();
        let (sent, made) = (
            count(|entry| matches!(entry, RecordEntry::Sent { .. })),
            count(|entry| {
                matches!(
                    entry,
                    RecordEntry::Answered {
                        answer: ItemAnswer::Made,
                        ..
                    }
                )
            }),
        );
        let arrived = recorded.service.received().len();
        assert!(
            sent >= arrived,
            "round {round}: {arrived} changes arrived, {sent} have an entry"
        );
        assert!(
            made >= answered,
            "round {round}: {answered} were answered, {made} have an answer in the record"
        );
    }
    report(
        "kill -9 of the console server in the middle of changes of two clients",
        times,
        &format!(
            "each of {} changes that left has its entry, none of {answered} answers lost",
            recorded.service.received().len()
        ),
    );
}
