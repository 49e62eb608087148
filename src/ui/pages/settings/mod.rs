//! Settings: what the simulator plays, what its health checks go by, and its files.

mod csv;
mod files;
mod long_work;
mod policy;
mod scenario;

use crate::ui::components::PageHead;
use csv::CsvCard;
use files::FilesCard;
use leptos::prelude::*;
use policy::PolicyCard;
use scenario::ScenarioCard;

/// The page.
#[component]
pub fn Settings() -> impl IntoView {
    view! {
        <PageHead
            title="Settings"
            lead=|| "The simulator lives in this browser alone; nothing here leaves it"
        />
        <div class="settings">
            <div>
                <ScenarioCard />
                <FilesCard />
            </div>
            <div>
                <CsvCard />
                <PolicyCard />
            </div>
        </div>
    }
    .into_any()
}
