use super::field::Field;
use super::findings::Findings;

/// The three probes of a container.
pub(super) fn validate_probes(container: &Field<'_>, findings: &mut Findings) {
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let probe = container.child(name);
        if probe.exists() {
            validate_probe(&probe, findings);
            let threshold = probe.child("successThreshold");
            if name != "readinessProbe" && threshold.number().is_some_and(|number| number != 1) {
                findings.invalid(&threshold, "must be 1");
            }
        }
    }
    for hook in ["postStart", "preStop"] {
        let hook = container.child("lifecycle").child(hook);
        if hook.exists() {
            validate_handler(&hook, &["exec", "httpGet", "tcpSocket", "sleep"], findings);
        }
    }
}

fn validate_probe(probe: &Field<'_>, findings: &mut Findings) {
    validate_handler(probe, &["exec", "httpGet", "tcpSocket", "grpc"], findings);
    for name in [
        "initialDelaySeconds",
        "timeoutSeconds",
        "periodSeconds",
        "successThreshold",
        "failureThreshold",
    ] {
        findings.not_negative(&probe.child(name));
    }
    let grace = probe.child("terminationGracePeriodSeconds");
    if grace.number().is_some_and(|seconds| seconds <= 0) {
        findings.invalid(&grace, "must be greater than 0");
    }
}

/// Exactly one handler, and a right one.
fn validate_handler(place: &Field<'_>, known: &[&str], findings: &mut Findings) {
    let mut handlers =
        known.iter().map(|name| (*name, place.child(name))).filter(|(_, handler)| handler.exists());
    let Some((name, handler)) = handlers.next() else {
        findings.required(place, "must specify a handler type");
        return;
    };
    for (_, more) in handlers {
        findings.forbidden(&more, "may not specify more than 1 handler type");
    }
    match name {
        "exec" => {
            findings.require(&handler.child("command"));
        }
        "httpGet" => {
            findings.require(&handler.child("path"));
            findings.one_of(&handler.child("scheme"), &["HTTP", "HTTPS"]);
            validate_port(&handler.child("port"), findings);
        }
        "tcpSocket" | "grpc" => validate_port(&handler.child("port"), findings),
        _ => {}
    }
}

fn validate_port(port: &Field<'_>, findings: &mut Findings) {
    if port.exists() {
        findings.port(port);
    } else {
        findings.required(port, "");
    }
}
