//! Messages to a worker of the lab: what decodes is handled, whatever it asks for.

use poolkeeper_lab::protocol::message::ToLab;
use poolkeeper_lab::protocol::session::WorkerSession;

/// Steps of one job that are waited for.
const MOST_STEPS: usize = 50;

/// Domain-days that a page announces here.
const MOST_CELLS: usize = 1 << 18;

/// So many domains are certainly not to come.
const NO_MEMORY_HAS: usize = 1 << 50;

/// Messages, one behind another.
pub fn worker_messages(bytes: &[u8]) {
    let mut session = WorkerSession::default();
    let mut rest = bytes;
    for _ in 0..20 {
        let Ok((message, behind)) = postcard::take_from_bytes::<ToLab>(rest) else {
            return;
        };
        rest = behind;
        let written = postcard::to_allocvec(&message).expect("plain data");
        let again = postcard::from_bytes::<ToLab>(&written).expect("what was written");
        assert_eq!(again, message);
        if let ToLab::Open(header) = &message
            && header.domains.saturating_mul((header.day_count as usize).max(1)) > MOST_CELLS
            && header.domains < NO_MEMORY_HAS
        {
            // Room that there is would be taken: the page, which is of the same build, says how much it needs.
            return;
        }
        let _ = session.handle(message);
        for step in 0..MOST_STEPS {
            if !session.is_busy() {
                break;
            }
            let _ = session.work(step as f64);
        }
    }
}
