//! Settings: which account is looked at, what the simulator plays, what its health checks go by, and its files.

mod connection;
mod csv;
mod files;
mod fork;
mod labels;
mod policy;
mod scenario;
mod stored;

use crate::components::PageHead;
use connection::ConnectionCard;
use csv::CsvCard;
use files::FilesCard;
use fork::ForkCard;
use labels::LabelsCard;
use leptos::prelude::*;
use policy::PolicyCard;
use scenario::ScenarioCard;
use stored::StoredCard;

#[component]
pub(crate) fn Settings() -> impl IntoView {
    view! {
        <PageHead
            title="Settings"
            lead=|| "Everything stays in this browser until you connect to a live account"
        />
        <div class="settings">
            <div>
                <ConnectionCard />
                <ForkCard />
                <ScenarioCard />
                <FilesCard />
            </div>
            <div>
                <CsvCard />
                <PolicyCard />
                <LabelsCard />
                <StoredCard />
            </div>
        </div>
    }
}
