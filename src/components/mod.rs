//! The pieces pages are made of. Each takes data and callbacks; none fetches.

pub mod band;
pub mod choice;
pub mod copy;
pub mod dialog;
pub mod drawer;
pub mod drop_zone;
pub mod export_menu;
pub mod header;
pub mod icon;
pub mod import_report;
pub mod menu;
pub mod palette;
pub mod policy_form;
pub mod progress;
pub mod rate_bar;
pub mod small;
pub mod states;
pub mod table;
pub mod toasts;
pub mod write_flow;

pub use band::{BandChip, BandMove};
pub use choice::{Segmented, Tabs};
pub use copy::CopyButton;
pub use dialog::Dialog;
pub use drop_zone::DropZone;
pub use export_menu::ExportMenu;
pub use icon::Icon;
pub use menu::Menu;
pub use policy_form::PolicyForm;
pub use progress::ProgressBar;
pub use rate_bar::RateBar;
pub use small::{Card, Field, PageHead, SearchField, Stat, Time, WhyNot};
pub use states::{Empty, Failed, Loaded, SkeletonLines, SkeletonRows};
pub use table::{PhoneColumn, Selection, Sort, TableColumn, VirtualTable};
pub use write_flow::WriteFlow;
