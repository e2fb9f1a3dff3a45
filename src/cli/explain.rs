use super::table::table;
use super::{Exit, Failure};
use crate::diagnostic::{Explanation, codes};
use crate::output::{Destination, write_text};

/// Explain a diagnostic: what it means, why, and what to do
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Code (`LS1305`), name (`ulimits`) or Compose path (`services.web.ulimits`); without one all
    /// codes are listed
    code: Option<String>,
}

/// Runs `longshore explain`.
pub fn run(args: Args) -> Result<(), Failure> {
    let Args { code } = args;
    let text = match code {
        None => list(),
        Some(name) => {
            let code = codes::find(&name).ok_or_else(|| unknown(&name))?;
            let explanation = Explanation::of(code).expect("each code has an explanation");
            explanation.render()
        }
    };
    write_text(&text, &Destination::Stdout).map_err(|error| Failure::new(Exit::Input, error))
}

fn list() -> String {
    let head = ["CODE", "NAME", "MEANING"].map(str::to_owned);
    let row = |explanation: &Explanation| {
        let Explanation { code, meaning, .. } = explanation;
        [code.id.to_owned(), code.name.to_owned(), meaning.clone()]
    };
    table(&std::iter::once(head).chain(Explanation::all().iter().map(row)).collect::<Vec<_>>())
}

fn unknown(name: &str) -> Failure {
    let help = match codes::similar(name) {
        Some(code) => format!("did you mean `{code}`? `longshore explain` lists all codes"),
        None => "`longshore explain` lists all codes".to_owned(),
    };
    Failure::new(Exit::Input, anyhow::anyhow!("there is no code `{name}`")).help(help)
}
