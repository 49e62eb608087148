//! The native command line.

fn main() -> std::process::ExitCode {
    poolkeeper_cli::main()
}
