//! The `longshore` program; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    longshore::cli::run()
}
