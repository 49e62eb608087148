//! Sweeps on several threads.

use super::{Grid, PartialGrid, Sweep, SweepError, SweepInput, SweepMethod, sweep_range};
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Sweeps the windows' domains on this many threads. `progress` gets the number of domains done, and `Break` stops the
/// sweep. It is called from all threads, one at a time.
///
/// # Errors
/// As [`sweep_range`].
pub fn sweep_on_threads(
    input: SweepInput<'_>,
    sweep: &Sweep,
    threads: usize,
    progress: &mut (dyn FnMut(usize) -> ControlFlow<()> + Send),
) -> Result<Grid, SweepError> {
    let all = input.windows.domains();
    let threads = threads.clamp(1, all.len().max(1));
    let domains_per_thread = all.len().div_ceil(threads).max(1);
    let (done, stops, progress) = (AtomicUsize::new(0), AtomicBool::new(false), Mutex::new(progress));
    let run = |thread: usize| {
        let from = (all.start + thread * domains_per_thread).min(all.end);
        let mut before = 0;
        sweep_range(
            input,
            sweep,
            from..(from + domains_per_thread).min(all.end),
            SweepMethod::Auto,
            &mut |count| {
                let total = done.fetch_add(count - before, Ordering::Relaxed) + count - before;
                before = count;
                // The lock is held while reporting; a thread that panics there stops the others.
                let flow = progress
                    .lock()
                    .map_or(ControlFlow::Break(()), |mut progress| progress(total));
                if flow.is_break() {
                    stops.store(true, Ordering::Relaxed);
                }
                if stops.load(Ordering::Relaxed) {
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            },
        )
    };
    let run = &run;
    let parts: Vec<Result<PartialGrid, SweepError>> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|thread| scope.spawn(move || run(thread))).collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap_or(Err(SweepError::Stopped)))
            .collect()
    });
    let mut totals = PartialGrid::empty(sweep.outcomes, sweep.x.values.len(), sweep.y.values.len());
    for part in parts {
        // Parts of one sweep have one shape, so merging cannot fail.
        totals.merge(&part?).map_err(|_| SweepError::Stopped)?;
    }
    Ok(Grid::new(sweep, totals))
}
