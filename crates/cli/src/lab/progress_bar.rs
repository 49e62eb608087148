//! Progress on a terminal, and what is said beside the result.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use poolkeeper_lab::{JobProgress, JobStage};

/// A bar on standard error where that is a terminal, and nothing elsewhere.
pub(super) struct TerminalProgress {
    bar: ProgressBar,
    is_quiet: bool,
}

impl TerminalProgress {
    pub fn new(is_quiet: bool) -> Self {
        // Hidden by itself where standard error is no terminal.
        let target = if is_quiet {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        // The template is a constant: without it the plain style stays.
        if let Ok(style) = ProgressStyle::with_template("{msg:12} {wide_bar} {percent:>3} %  {elapsed}") {
            bar.set_style(style);
        }
        Self { bar, is_quiet }
    }

    pub const fn is_quiet(&self) -> bool {
        self.is_quiet
    }

    /// So many bytes of a file are read; of how many is not always known.
    pub fn reading(&self, bytes: u64, of: Option<u64>) {
        self.bar.set_message("reading");
        if let Some(total) = of {
            self.bar.set_length(total.max(1));
        }
        self.bar.set_position(bytes);
    }

    /// A job is this far.
    pub fn working(&self, progress: &JobProgress) {
        self.bar.set_message(match progress.stage {
            JobStage::Reading => "counting",
            JobStage::Replaying => "replaying",
            JobStage::Comparing => "comparing",
            JobStage::Calibrating => "calibrating",
            JobStage::Sweeping => "sweeping",
        });
        self.bar.set_length(progress.total.max(1));
        self.bar.set_position(progress.done);
    }

    /// Takes the bar off the terminal.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
        self.bar.reset();
    }

    /// Says something on standard error.
    pub fn say(&self, what: &str) {
        if !self.is_quiet {
            crate::terminal::say(what);
        }
    }

    /// Says how much memory the process has held at most, where the system tells.
    pub fn say_peak_memory(&self) {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = peak.and_then(|peak| peak.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
        if let Some(kilobytes) = kilobytes {
            self.say(&format!("peak memory {} MB", kilobytes.div_ceil(1_024)));
        }
    }
}
