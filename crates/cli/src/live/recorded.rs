//! Commands of the record of changes: listed, gone on with, put back.

use super::change::{ProposedChange, RecordArg};
use super::connection::LiveConnection;
use super::listing::{Cell, Listing};
use super::{ChangeCommand, Changing, CommandEnd, ReadCommand, Reading};
use crate::Failure;
use crate::account_client::failure;
use crate::clock::now_utc;
use clap::Subcommand;
use poolkeeper_account::record::{ChangeId, ChangeOrigin, ChangeRecord, ItemAnswer, RecordEntry, RecordedChange};
use poolkeeper_account::sending::is_made;

/// What `record` takes.
#[derive(clap::Args)]
pub(crate) struct RecordArgs {
    #[command(subcommand)]
    action: RecordAction,
}

#[derive(Subcommand)]
enum RecordAction {
    /// List the changes of the account, the latest first
    List(Reading<ListRecord>),
    /// Go on with a change that was left in the middle
    GoOn(Changing<GoOn>),
    /// Put back what a change made
    PutBack(Changing<PutBack>),
}

impl RecordArgs {
    /// Runs the action.
    ///
    /// # Errors
    /// [`Failure`] when the account can't be used, or the action not be done.
    pub(crate) fn run(&self) -> Result<CommandEnd, Failure> {
        match &self.action {
            RecordAction::List(args) => args.run(),
            RecordAction::GoOn(args) => args.run(),
            RecordAction::PutBack(args) => args.run(),
        }
    }
}

#[derive(clap::Args)]
struct ListRecord {
    #[command(flatten)]
    record: RecordArg,
}

/// A change of the record.
#[derive(clap::Args)]
struct NamedChange {
    /// The change, as `record list` names it
    #[arg(value_name = "CHANGE")]
    id: String,
}

#[derive(clap::Args)]
struct GoOn {
    #[command(flatten)]
    change: NamedChange,
}

#[derive(clap::Args)]
struct PutBack {
    #[command(flatten)]
    change: NamedChange,
}

impl NamedChange {
    fn of<'a>(&self, record: &'a ChangeRecord, connection: &LiveConnection) -> Result<&'a RecordedChange, Failure> {
        let account = connection.recorded();
        let change = record.get(&ChangeId::from(&*self.id));
        change
            .filter(|change| change.intent.account.is_same(&account))
            .ok_or_else(|| Failure(format!("the record has no change “{}” of this account", self.id)))
    }
}

impl ChangeCommand for PutBack {
    async fn propose(&self, connection: &LiveConnection, record: &RecordArg) -> Result<ProposedChange, Failure> {
        let record = record.read()?;
        let change = self.change.of(&record, connection)?;
        let proposal = change.put_back();
        Ok(ProposedChange {
            proposal: proposal.ok_or_else(|| Failure("nothing of this change can be put back".to_owned()))?,
            origin: ChangeOrigin::PutsBack(change.intent.id.clone()),
            found: Vec::new(),
        })
    }
}

impl ChangeCommand for GoOn {
    /// What is in doubt is read first; what was made is not sent again.
    async fn propose(&self, connection: &LiveConnection, record: &RecordArg) -> Result<ProposedChange, Failure> {
        let mut record = record.read()?;
        let change = self.change.of(&record, connection)?;
        let id = change.intent.id.clone();
        let mut found = Vec::new();
        for (item, of) in change.in_doubt() {
            let Some(write) = of.write() else { continue };
            let made = is_made(&connection.client, write).await;
            let made = made.map_err(|error| failure("reading the account", &error))?;
            let Some(made) = made else { continue };
            found.push(RecordEntry::Answered {
                change: id.clone(),
                item,
                at: now_utc(),
                answer: if made { ItemAnswer::Made } else { ItemAnswer::NotMade },
            });
        }
        found.iter().cloned().for_each(|entry| record.add(entry));
        let (proposal, items) = self.change.of(&record, connection)?.go_on().unwrap_or_default();
        Ok(ProposedChange {
            proposal,
            origin: ChangeOrigin::GoesOn(id, items),
            found,
        })
    }
}

impl ReadCommand for ListRecord {
    async fn print(&self, connection: &LiveConnection) -> Result<CommandEnd, Failure> {
        let mut listing = Listing::new(&["change", "time", "title", "outcome", "made", "total", "by", "undone_by"]);
        let account = connection.recorded();
        let record = self.record.read()?;
        for change in record.newest_first() {
            let intent = &change.intent;
            if !intent.account.is_same(&account) {
                continue;
            }
            let counts = change.counts();
            listing.push(vec![
                Cell::text(Some(&intent.id)),
                Cell::Time(Some(intent.at)),
                Cell::Text(change.label()),
                Cell::Text(change.outcome().word().to_owned()),
                Cell::Number(Some(counts.made as u64)),
                Cell::Number(Some(counts.total as u64)),
                Cell::text(intent.who.as_ref()),
                Cell::text(change.undone_by.last()),
            ]);
        }
        listing.print(connection.output)?;
        Ok(CommandEnd::Done)
    }
}
