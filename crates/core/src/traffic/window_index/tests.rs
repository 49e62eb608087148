use super::*;
use crate::model::{Counts, Day, DomainName};
use crate::traffic::Table;
use crate::traffic::TableDomain;

/// Pseudo-random numbers below `end`, from a seed.
fn numbers(mut seed: u32) -> impl FnMut(u32) -> u32 {
    move |end| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) % end
    }
}

fn column(days: usize, mut count: impl FnMut() -> u32) -> Vec<u32> {
    (0..days).map(|_| count()).collect()
}

/// Blocks equal a naive summary of their windows, for any window length and a short last block.
#[test]
fn a_block_is_its_windows() {
    let mut next = numbers(11);
    let (mut rates, mut without_mail, mut late) = (0, 0, 0);
    for round in 0..600_usize {
        let days = 1 + round % 97;
        let window_days = [1, 2, 7, 15, 16, 17, 30, 90][round % 8];
        let ends = [[4, 3, 2, 2], [4, 2, 1, 2], [1 << 20, 1 << 20, 1 << 17, 1 << 9]][round % 3];
        let [processed, delivered, bounced, complained] = ends.map(|end| column(days, || next(end)));
        let columns = DomainColumns {
            processed: &processed,
            delivered: &delivered,
            bounced: &bounced,
            complained: &complained,
            present: &[u64::MAX; 2],
        };
        let mut running = RunningSums::new(days, window_days);
        let mut blocks = Vec::new();
        // A second call must not depend on the first: the buffers are reused for each domain.
        running.push_blocks(&columns, &mut Vec::new());
        let summary = running.push_blocks(&columns, &mut blocks);
        let sum: u64 = processed.iter().map(|count| u64::from(*count)).sum();
        assert_eq!(summary.processed, sum);
        let first_day = processed.iter().position(|count| *count > 0).unwrap_or(0);
        late += u32::from(first_day > 0);
        assert_eq!(summary.first_day as usize, first_day);
        assert_eq!(summary.first_window_count as usize, FIRST_WINDOWS.min(days - first_day));
        for (day, first) in (first_day..days).zip(summary.first) {
            let window = (day + 1).saturating_sub(window_days)..=day;
            let all = [&processed, &delivered, &bounced, &complained];
            assert_eq!(first, all.map(|column| column[window.clone()].iter().sum::<u32>()));
        }
        let of_all = |claim: fn(&BlockSummary) -> f32| blocks.iter().map(claim).fold(0.0, f32::max);
        let whole = &summary.whole;
        assert_eq!(whole.bounced_by_delivered, of_all(|block| block.bounced_by_delivered));
        assert_eq!(
            whole.complained_by_delivered,
            of_all(|block| block.complained_by_delivered)
        );
        let most = |claim: fn(&BlockSummary) -> u32| blocks.iter().map(claim).max().unwrap();
        assert_eq!(whole.most_complained, most(|block| block.most_complained));
        assert_eq!(whole.most_processed, most(|block| block.most_processed));
        assert_eq!(
            Some(whole.least_processed),
            blocks.iter().map(|block| block.least_processed).min()
        );
        assert_eq!(blocks.len(), days.div_ceil(BLOCK_DAYS));
        for (at, block) in blocks.iter().enumerate() {
            let ends = at * BLOCK_DAYS..days.min((at + 1) * BLOCK_DAYS);
            let windows = |column: &[u32]| -> Vec<u32> {
                let window = |end: usize| column[(end + 1).saturating_sub(window_days)..=end].iter().sum();
                ends.clone().map(window).collect()
            };
            let (processed, delivered) = (windows(&processed), windows(&delivered));
            assert_eq!(Some(&block.most_processed), processed.iter().max());
            assert_eq!(Some(&block.least_processed), processed.iter().min());
            let complained = windows(&complained);
            assert_eq!(Some(&block.most_complained), complained.iter().max());
            for (greatest, events) in [
                (block.bounced_by_delivered, windows(&bounced)),
                (block.complained_by_delivered, complained),
            ] {
                let pairs = || events.iter().zip(&delivered).filter(|(events, _)| **events > 0);
                let greatest = f64::from(greatest);
                if pairs().any(|(_, delivered)| *delivered == 0) {
                    assert!(greatest > 1e30, "{greatest}");
                    without_mail += 1;
                    continue;
                }
                let ratios = pairs().map(|(events, base)| f64::from(*events) / f64::from(*base));
                let expected = ratios.fold(0.0, f64::max);
                let off = (greatest - expected).abs();
                assert!(off <= expected * 2.0_f64.powi(-22), "{greatest} for {expected}");
                rates += u32::from(expected > 0.0);
            }
        }
    }
    assert!(
        rates > 1_000 && without_mail > 100 && late > 50,
        "{rates}, {without_mail}, {late}"
    );
}

/// Sums too large to compare rule no window out.
#[test]
fn large_domains_claim_the_worst() {
    for which in 0..4 {
        let counts = |is_large: bool| vec![if is_large { 1 << 29 } else { 1 }; 20];
        let [processed, delivered, bounced, complained] = [0, 1, 2, 3].map(|at| counts(at == which));
        let columns = DomainColumns {
            processed: &processed,
            delivered: &delivered,
            bounced: &bounced,
            complained: &complained,
            present: &[u64::MAX],
        };
        let mut blocks = Vec::new();
        let summary = RunningSums::new(20, 7).push_blocks(&columns, &mut blocks);
        assert_eq!(blocks, [WORST; 2]);
        assert_eq!((summary.whole, summary.first_window_count), (WORST, 0));
    }
}

/// Cached summaries follow the table's counts, for each window length.
#[test]
fn a_window_index_follows_its_table() {
    let domain = TableDomain {
        name: DomainName::as_sent("a.example"),
        account: 0,
    };
    let mut table = Table::empty(Day(0), 20, vec![String::new()], vec![domain; 300]);
    let row = Counts {
        processed: 10,
        ..Counts::ZERO
    };
    for round in 1..=2 {
        for day in 0..20 {
            table.add(299, Day(day), &row).unwrap();
        }
        for window_days in [7, 1, 7, 30, 1] {
            let window_index = table.window_index(window_days);
            let chunk = window_index.chunk(299).unwrap();
            let [first, last] = *chunk.blocks(299) else {
                panic!("two blocks")
            };
            let of_days = |days: u32| round * 10 * days.min(window_days);
            assert_eq!((first.least_processed, first.most_processed), (of_days(1), of_days(16)));
            assert_eq!((last.least_processed, last.most_processed), (of_days(17), of_days(20)));
            assert_eq!(chunk.domain_summary(299).unwrap().processed, u64::from(round) * 200);
            assert_eq!(chunk.processed_by_day(), [u64::from(round) * 10; 20]);
            assert_eq!(window_index.chunk(0).unwrap().domain_summary(0).unwrap().processed, 0);
        }
    }
}
