/// The variable that chooses what is logged.
const LOG_FILTER: &str = "LONGSHORE_LOG";

/// Sends the log of a server to standard error.
pub(super) fn to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_env(LOG_FILTER)
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    // Fails when the process has a subscriber already, which is as good.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .try_init();
}
