//! What a person keeps in the browser or pastes: labels of domains, saved views, lists of IPs, chosen columns.

use poolkeeper_account::ip_inventory::IpInventory;
use poolkeeper_account::pasted_ips::PastedIps;
use poolkeeper_core::model::{Band, DomainName};
use poolkeeper_view::column_choice::ChosenColumns;
use poolkeeper_view::labels::Labels;
use poolkeeper_view::saved_views::SavedViews;

/// Any text, as each of them.
pub fn notes(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(labels) = Labels::parse_csv(&text) {
        let again = Labels::parse_csv(&labels.csv());
        assert_eq!(again.as_ref(), Ok(&labels), "{text}");
        let _ = labels.of(&DomainName::as_sent("mail.example.com"), "main");
    }
    let views = SavedViews::parse(&text);
    assert_eq!(SavedViews::parse(&views.to_json()), views, "{text}");
    let pasted = PastedIps::read(&text, &IpInventory::default(), Band::Good);
    assert!(pasted.joining.is_empty() && pasted.problems.len() <= 21, "{text}");
    let ids = ["name", "pool", "rate"];
    let chosen = ChosenColumns::parse(&text, &ids, &["rate"]);
    let again = ChosenColumns::parse(&chosen.toggled(1), &ids, &["rate"]);
    assert_eq!(again.has(1), !chosen.has(1), "{text}");
}
