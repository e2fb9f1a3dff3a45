use crate::diagnostic::{Diagnostic, Loss, Report, Span, codes};
use crate::load::path::Path;
use crate::load::suggest::nearest;
use crate::load::tree::{Mapping, Node};

const ATTRIBUTES: [&str; 2] = ["service", "file"];

/// What `extends` of a service says.
pub(super) struct Reference {
    /// The name of the other service.
    pub(super) service: String,
    /// The file that holds it, with its place; none is the file itself.
    pub(super) file: Option<(String, Span)>,
    /// The place to show.
    pub(super) span: Span,
}

/// Takes `extends` out of a service. What does not follow the schema stays for it to report.
pub(super) fn take_reference(
    name: &str,
    service: &mut Node,
    report: &mut Report,
) -> Option<Reference> {
    let service = service.as_mapping_mut()?;
    let entry = service.entry("extends")?;
    let span = entry.span().clone();
    let reference = match (entry.node.as_str(), entry.node.as_mapping()) {
        (Some(service), _) => Reference { service: service.to_owned(), file: None, span },
        (None, Some(extends)) => {
            let path = format!("services.{name}.extends");
            let path = Path::ROOT.key(&path);
            report_unknown(extends, &path, report);
            if extends.get("service").is_none_or(Node::is_null) {
                let message = format!("`{path}` needs the attribute `service`");
                report.push(
                    Diagnostic::error(codes::MISSING_ATTRIBUTE, &path, message)
                        .at(span)
                        .help("add `service: …`, the name of the service to extend"),
                );
                service.remove("extends");
                return None;
            }
            mapped(extends)?
        }
        (None, None) => return None,
    };
    service.remove("extends");
    Some(reference)
}

fn mapped(extends: &Mapping) -> Option<Reference> {
    let text = |node: &Node| Some((node.as_str()?.to_owned(), node.span.clone()));
    let (service, span) = text(extends.get("service")?)?;
    let file = match extends.get("file") {
        Some(file) if !file.is_null() => Some(text(file)?),
        _ => None,
    };
    Some(Reference { service, file, span })
}

/// Compose takes no notice of attributes that it does not know here.
fn report_unknown(extends: &Mapping, path: &Path<'_>, report: &mut Report) {
    let unknown = extends.iter().filter(|(key, _)| !ATTRIBUTES.contains(&key.as_str()));
    for (key, entry) in unknown.filter(|(key, _)| !key.starts_with("x-")) {
        let help = match nearest(key, ATTRIBUTES.into_iter()) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("the attributes are `{}`", ATTRIBUTES.join("` and `")),
        };
        report.push(
            Diagnostic::warning(
                codes::UNKNOWN_ATTRIBUTE,
                Loss::IgnoredHarmless,
                &path.key(key),
                format!("`{path}` has no attribute `{key}`, so it is ignored"),
            )
            .at(entry.key.clone())
            .help(help),
        );
    }
}
