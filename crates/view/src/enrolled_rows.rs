//! The rows of the enrolled domains between two readings. Pure.

use mailgun_pools::api::Write;
use poolkeeper_core::model::{AccountId, Domain, DomainName};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What changes that were made came to, before the list is read again.
pub fn apply_writes(rows: &mut Vec<Arc<Domain>>, writes: &[Write]) {
    let by_domain: HashMap<&DomainName, &Write> = writes
        .iter()
        .filter_map(|write| Some((write.domain()?, write)))
        .collect();
    rows.retain_mut(|row| match by_domain.get(&row.name) {
        Some(Write::RemoveDomain { .. }) => false,
        Some(Write::SetOverride { pool, .. }) => {
            let row = Arc::make_mut(row);
            row.is_overridden = Some(true);
            row.pool = pool.clone();
            true
        }
        Some(Write::RemoveOverride { .. }) => {
            Arc::make_mut(row).is_overridden = Some(false);
            true
        }
        _ => true,
    });
}

/// The names of the rows' accounts, where an answer gave one.
#[must_use]
pub fn account_names(rows: &[Arc<Domain>]) -> BTreeMap<AccountId, String> {
    let mut names = BTreeMap::new();
    for row in rows {
        if let Some(name) = row
            .account_name
            .as_ref()
            .filter(|_| !names.contains_key(&row.account_id))
        {
            names.insert(row.account_id.clone(), name.clone());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_core::model::{Band, DomainId, PoolName, Replacement};

    fn row(name: &str, band: Band, is_overridden: bool) -> Arc<Domain> {
        Arc::new(Domain {
            id: DomainId::default(),
            account_id: AccountId(format!("account of {name}")),
            account_name: Some(name.to_uppercase()),
            name: DomainName::as_sent(name),
            registered_at: None,
            pool: PoolName::Known(band),
            is_overridden: Some(is_overridden),
            bounce_rate: None,
            complaint_rate: None,
            processed_count: None,
        })
    }

    #[test]
    fn changes_that_were_made_show_in_the_rows_they_are_about() {
        let mut rows = vec![
            row("a.example", Band::Good, false),
            row("b.example", Band::Poor, true),
            row("c.example", Band::New, false),
            row("d.example", Band::New, false),
        ];
        let domain = DomainName::as_sent;
        apply_writes(
            &mut rows,
            &[
                Write::SetOverride {
                    domain: domain("a.example"),
                    pool: PoolName::Known(Band::Poor),
                },
                Write::RemoveOverride {
                    domain: domain("b.example"),
                },
                Write::RemoveDomain {
                    domain: domain("c.example"),
                    replacement: Replacement::Shared,
                },
                Write::RemovePools,
            ],
        );
        // R10: without its override a domain stays where it is.
        let expected = [
            row("a.example", Band::Poor, true),
            row("b.example", Band::Poor, false),
            row("d.example", Band::New, false),
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn an_account_without_a_name_is_left_to_its_identifier() {
        let nameless = Domain {
            account_name: None,
            ..(*row("a.example", Band::Good, false)).clone()
        };
        let names = account_names(&[Arc::new(nameless), row("b.example", Band::Good, false)]);
        let expected = [(AccountId("account of b.example".to_owned()), "B.EXAMPLE".to_owned())];
        assert_eq!(names, BTreeMap::from(expected));
    }
}
