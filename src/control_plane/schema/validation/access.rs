use super::Change;
use super::findings::Findings;

/// pkg/apis/rbac/validation: `ValidateRoleBinding` and its update.
pub(super) fn validate_binding(change: &Change<'_>, findings: &mut Findings) {
    // A RoleBinding without one means an account of its own namespace.
    let is_namespaced = !change.new.child("metadata").child("namespace").text().is_empty();
    let role = change.new.child("roleRef");
    findings.require(&role.child("name"));
    findings.one_of(&role.child("kind"), &["ClusterRole", "Role"]);
    for subject in change.new.child("subjects").items() {
        findings.require(&subject.child("name"));
        findings.one_of(&subject.child("kind"), &["ServiceAccount", "User", "Group"]);
        if subject.child("kind").text() == "ServiceAccount" && !is_namespaced {
            findings.require(&subject.child("namespace"));
        }
    }
    if let Some((new, _)) = change.changed("roleRef") {
        findings.invalid(&new, "cannot change roleRef");
    }
}

/// pkg/apis/scheduling/validation: `ValidatePriorityClassUpdate`.
pub(super) fn validate_priority_class(change: &Change<'_>, findings: &mut Findings) {
    for field in ["value", "preemptionPolicy"] {
        if let Some((new, _)) = change.changed(field) {
            findings.forbidden(&new, "may not be changed in an update.");
        }
    }
}
