use super::{Code, Diagnostic, Loss, Severity, codes};

/// What makes a run fail that could otherwise go on: `--fail-on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    /// Findings of this severity, and worse ones.
    Severity(Severity),
    /// Findings of this class of loss.
    Loss(Loss),
    /// Whatever the application may notice.
    AnyLoss,
    /// Findings with this code.
    Code(Code),
}

impl FailOn {
    /// Reads `LEVEL`, `CLASS` or `CODE`; the error says what there is.
    pub fn parse(text: &str) -> Result<Self, String> {
        let severities = [Severity::Error, Severity::Warning, Severity::Note];
        if let Some(severity) = severities.into_iter().find(|severity| severity.name() == text) {
            return Ok(Self::Severity(severity));
        }
        if text == "loss" {
            return Ok(Self::AnyLoss);
        }
        if let Some(loss) = Loss::ALL.into_iter().find(|loss| loss.name() == text) {
            return Ok(Self::Loss(loss));
        }
        codes::find(text).map(Self::Code).ok_or_else(|| {
            "write `warning`, `note`, `loss`, a class of loss such as `unsupported`, or a code such as \
             `LS1305`"
                .to_owned()
        })
    }

    /// Whether the finding makes the run fail.
    pub fn applies(self, diagnostic: &Diagnostic) -> bool {
        let Diagnostic { code, severity, loss, .. } = diagnostic;
        match self {
            // The best comes last.
            Self::Severity(level) => *severity <= level,
            Self::Loss(class) => *loss == class,
            Self::AnyLoss => matches!(
                loss,
                Loss::Approximated | Loss::IgnoredBehaviourChange | Loss::Unsupported
            ),
            Self::Code(wanted) => *code == wanted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_a_class_or_a_code_makes_a_run_fail() {
        let warning = |code, loss| Diagnostic::warning(code, loss, "services.web.x", "x");
        let ulimits = codes::find("ulimits").unwrap();
        let cases = [
            ("warning", warning(ulimits, Loss::Unsupported), true),
            ("note", warning(ulimits, Loss::Unsupported), true),
            ("error", warning(ulimits, Loss::Unsupported), false),
            ("warning", Diagnostic::note(ulimits, "", "x"), false),
            ("note", Diagnostic::note(ulimits, "", "x"), true),
            ("unsupported", warning(ulimits, Loss::Unsupported), true),
            ("approximated", warning(ulimits, Loss::Unsupported), false),
            ("loss", warning(ulimits, Loss::Approximated), true),
            ("loss", Diagnostic::note(ulimits, "", "x"), false),
            ("ls1305", warning(ulimits, Loss::Unsupported), true),
            ("ulimits", warning(ulimits, Loss::Unsupported), true),
            ("services.web.ulimits", warning(ulimits, Loss::Unsupported), true),
            ("cpuset", warning(ulimits, Loss::Unsupported), false),
        ];
        for (text, diagnostic, expected) in cases {
            assert_eq!(FailOn::parse(text).unwrap().applies(&diagnostic), expected, "{text}");
        }
        assert!(FailOn::parse("everything").is_err());
    }
}
