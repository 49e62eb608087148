//! The what-if lab's worker.

fn main() {
    console_error_panic_hook::set_once();
    poolkeeper_worker::register();
}
