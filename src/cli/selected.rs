/// The services that a command is about.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Selected {
    /// Service, or pattern like `web*`, with all that it depends on [default: all services]
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
    /// Leave out what the named services depend on
    #[arg(long, requires = "services")]
    pub no_deps: bool,
}
