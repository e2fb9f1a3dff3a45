use std::process::ExitCode;

/// The exit codes, which scripts rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All done, or no difference.
    Done,
    /// Differences found, or findings at or above the fail level.
    Findings,
    /// Wrong usage or unusable input.
    Input,
    /// The cluster refused, or could not be reached.
    Cluster,
    /// A wait timed out, or a workload or a build failed.
    Workload,
    /// Interrupted by the user.
    Interrupted,
    /// That of the command that was run in a container.
    Command(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Done => 0,
            Exit::Findings => 1,
            Exit::Input => 2,
            Exit::Cluster => 3,
            Exit::Workload => 4,
            Exit::Interrupted => 130,
            Exit::Command(code) => code,
        })
    }
}

/// Why a command failed, with the exit code that tells scripts.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What went wrong, with its causes; none when the diagnostics have said it all.
    pub error: Option<anyhow::Error>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Failure {
    /// A failure with its causes.
    pub fn new(exit: Exit, error: impl Into<anyhow::Error>) -> Self {
        Self { exit, error: Some(error.into()), help: None }
    }

    /// A failure that is already told.
    pub fn told(exit: Exit) -> Self {
        Self { exit, error: None, help: None }
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl Failure {
    /// Prints the error with its causes and the help to standard error, and gives the exit code.
    pub fn print(self) -> ExitCode {
        let Self { exit, error, help } = self;
        if let Some(error) = error {
            eprintln!("error: {error:#}");
        }
        if let Some(help) = help {
            eprintln!("help: {help}");
        }
        exit.into()
    }
}
