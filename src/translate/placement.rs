mod constraint;

use std::collections::BTreeMap;

use indexmap::IndexMap;
use k8s_openapi::api::core::v1::{
    Affinity, NodeAffinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm,
    PodAffinityTerm, PodAntiAffinity, Toleration, TopologySpreadConstraint,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use crate::model::{Placement, Preference};

use super::findings::Site;
use super::label::is_qualified_name;

use constraint::{ARCHITECTURE, Constraint, HOSTNAME, OS, architecture, parse_constraint};

/// The one field of a node that pods can be bound by.
const NODE_NAME: &str = "metadata.name";
const CONTROL_PLANE: &str = "node-role.kubernetes.io/control-plane";

/// On which nodes the pods of a service may run.
#[derive(Debug, Default)]
pub struct Nodes {
    /// What a node must be labelled with.
    pub selector: BTreeMap<String, String>,
    /// What a label cannot say.
    pub affinity: Option<Affinity>,
    /// Nodes that would otherwise keep the pods away.
    pub tolerations: Vec<Toleration>,
    /// How the pods are spread.
    pub spread: Vec<TopologySpreadConstraint>,
}

/// `platform` and `deploy.placement`.
pub fn translate_placement(
    platform: Option<&str>,
    placement: &Placement,
    pods: &IndexMap<String, String>,
    site: &Site,
) -> Nodes {
    let Placement { constraints, preferences, max_replicas_per_node, extensions: _ } = placement;
    let mut nodes = Nodes::default();
    if let Some(platform) = platform {
        nodes.require_platform(platform, &site.child("platform"));
    }
    let site = site.child("deploy").child("placement");
    let mut requirements = Requirements::default();
    for (index, constraint) in constraints.iter().enumerate() {
        let site = site.child("constraints").item(index);
        if constraint.trim_start().starts_with("engine.labels.") {
            site.approximated_closely(
                "the label of the engine is taken as one of the node",
                "label the nodes, and use `node.labels.KEY`",
            );
        }
        match parse_constraint(constraint) {
            Some(Constraint::Label { key, value, equal: true }) => {
                nodes.require(key, value, &site);
            }
            Some(Constraint::Label { key, value, equal: false }) => {
                requirements.labels.push(requirement(&key, "NotIn", Some(value)));
            }
            Some(Constraint::Manager { on: true }) => {
                requirements.labels.push(requirement(CONTROL_PLANE, "Exists", None));
                nodes.tolerations.push(Toleration {
                    key: Some(CONTROL_PLANE.to_owned()),
                    operator: Some("Exists".to_owned()),
                    effect: Some("NoSchedule".to_owned()),
                    ..Toleration::default()
                });
            }
            Some(Constraint::Manager { on: false }) => {
                requirements.labels.push(requirement(CONTROL_PLANE, "DoesNotExist", None));
            }
            Some(Constraint::Node { name, equal }) => {
                site.approximated_closely(
                    format!("the node is the one that Kubernetes calls `{name}`"),
                    "use `node.hostname`, or the name of the node in the cluster",
                );
                let operator = if equal { "In" } else { "NotIn" };
                requirements.fields.push(requirement(NODE_NAME, operator, Some(name)));
            }
            None => site.not_translated(
                format!("`{constraint}` has no equivalent among the labels of nodes"),
                "use `node.labels.KEY == VALUE` and label the nodes",
            ),
        }
    }
    for (index, Preference { spread, extensions: _ }) in preferences.iter().enumerate() {
        match spread.strip_prefix("node.labels.").filter(|label| is_qualified_name(label)) {
            // Kubernetes refuses the same one twice.
            Some(label) if nodes.spread.iter().any(|known| known.topology_key == label) => {}
            Some(label) => nodes.spread.push(spread_over(label, 1, "ScheduleAnyway", pods)),
            None => site.child("preferences").item(index).not_translated(
                format!("pods cannot be spread over `{spread}`"),
                "use `node.labels.KEY` and label the nodes",
            ),
        }
    }
    let anti_affinity = nodes.limit_per_node(*max_replicas_per_node, pods, &site);
    nodes.affinity = affinity(requirements, anti_affinity);
    nodes
}

impl Nodes {
    fn require(&mut self, key: String, value: String, site: &Site) {
        match self.selector.get(&key) {
            Some(known) if *known != value => site.conflict(
                format!("no node can be `{value}`: another line asks for `{key}={known}`"),
                "all constraints must hold, and those of `platform`: remove one of the two",
            ),
            _ => {
                self.selector.insert(key, value);
            }
        }
    }

    fn require_platform(&mut self, platform: &str, site: &Site) {
        let mut parts = platform.split('/');
        let os = parts.next().unwrap_or_default();
        if !["linux", "windows"].contains(&os) {
            site.not_translated(
                format!("`{platform}` is not a platform of Kubernetes nodes"),
                "use `linux/ARCHITECTURE` or `windows/ARCHITECTURE`",
            );
            return;
        }
        self.selector.insert(OS.to_owned(), os.to_owned());
        let mut is_arm64 = false;
        if let Some(name) = parts.next() {
            is_arm64 = architecture(name) == "arm64";
            self.selector.insert(ARCHITECTURE.to_owned(), architecture(name).to_owned());
        }
        // All 64-bit ARM nodes are of the one variant that Docker names.
        if let Some(variant) = parts.next().filter(|variant| !(is_arm64 && *variant == "v8")) {
            site.approximated_closely(
                format!("nodes do not say whether they are `{variant}`"),
                "label such nodes and use a placement constraint",
            );
        }
    }

    fn limit_per_node(
        &mut self,
        max: Option<u32>,
        pods: &IndexMap<String, String>,
        site: &Site,
    ) -> Option<PodAntiAffinity> {
        match max.filter(|max| *max > 0)? {
            1 => Some(PodAntiAffinity {
                required_during_scheduling_ignored_during_execution: Some(vec![PodAffinityTerm {
                    label_selector: Some(selector(pods)),
                    topology_key: HOSTNAME.to_owned(),
                    ..PodAffinityTerm::default()
                }]),
                ..PodAntiAffinity::default()
            }),
            max => {
                site.child("max_replicas_per_node").approximated(
                    "pods are spread evenly instead: no two nodes differ by more than the maximum",
                    "1 is the only maximum that Kubernetes can keep exactly",
                );
                let skew = i32::try_from(max).unwrap_or(i32::MAX);
                self.spread.push(spread_over(HOSTNAME, skew, "DoNotSchedule", pods));
                None
            }
        }
    }
}

/// What a node must fulfil.
#[derive(Default)]
struct Requirements {
    labels: Vec<NodeSelectorRequirement>,
    fields: Vec<NodeSelectorRequirement>,
}

fn requirement(key: &str, operator: &str, value: Option<String>) -> NodeSelectorRequirement {
    NodeSelectorRequirement {
        key: key.to_owned(),
        operator: operator.to_owned(),
        values: value.map(|value| vec![value]),
    }
}

fn spread_over(
    label: &str,
    max_skew: i32,
    otherwise: &str,
    pods: &IndexMap<String, String>,
) -> TopologySpreadConstraint {
    TopologySpreadConstraint {
        label_selector: Some(selector(pods)),
        max_skew,
        topology_key: label.to_owned(),
        when_unsatisfiable: otherwise.to_owned(),
        ..TopologySpreadConstraint::default()
    }
}

fn selector(pods: &IndexMap<String, String>) -> LabelSelector {
    let labels = pods.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    LabelSelector { match_labels: Some(labels), ..LabelSelector::default() }
}

fn affinity(
    requirements: Requirements,
    pod_anti_affinity: Option<PodAntiAffinity>,
) -> Option<Affinity> {
    let Requirements { labels, fields } = requirements;
    let term = NodeSelectorTerm {
        match_expressions: (!labels.is_empty()).then_some(labels),
        match_fields: (!fields.is_empty()).then_some(fields),
    };
    let node_affinity = (term != NodeSelectorTerm::default()).then(|| NodeAffinity {
        required_during_scheduling_ignored_during_execution: Some(NodeSelector {
            node_selector_terms: vec![term],
        }),
        ..NodeAffinity::default()
    });
    let affinity = Affinity { node_affinity, pod_anti_affinity, ..Affinity::default() };
    (affinity != Affinity::default()).then_some(affinity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origins;
    use crate::translate::findings::Findings;

    fn preference(spread: &str) -> Preference {
        Preference { spread: spread.to_owned(), ..Preference::default() }
    }

    /// The same preference twice became two constraints, which Kubernetes refuses.
    #[test]
    fn pods_are_spread_over_a_label_once() {
        let origins = Origins::default();
        let findings = Findings::new(&origins);
        let zone = preference("node.labels.zone");
        let preferences = vec![zone.clone(), zone];
        let placement = Placement { preferences, ..Placement::default() };
        let site = findings.site("services.web");
        let nodes = translate_placement(None, &placement, &IndexMap::new(), &site);
        assert_eq!(nodes.spread.len(), 1);
    }

    /// The last of two values that a node cannot have both won in silence.
    #[test]
    fn constraints_that_contradict_each_other() {
        for (platform, constraints) in [
            (None, &["node.labels.disk == ssd", "node.labels.disk == tape"][..]),
            (Some("linux/amd64"), &["node.platform.arch == aarch64"][..]),
        ] {
            let origins = Origins::default();
            let findings = Findings::new(&origins);
            let constraints = constraints.iter().map(|&it| it.to_owned()).collect();
            let placement = Placement { constraints, ..Placement::default() };
            let site = findings.site("services.web");
            translate_placement(platform, &placement, &IndexMap::new(), &site);
            assert!(findings.into_report().has_errors());
        }
    }

    #[test]
    fn every_kind_of_constraint() {
        let origins = Origins::default();
        let findings = Findings::new(&origins);
        let constraints = [
            "node.id != 2ivku8v2gvtg4",
            "node.hostname!=b",
            "node.role == worker",
            "engine.labels.rack == 7",
            "node.platform.arch==x86_64",
        ];
        let constraints = constraints.map(str::to_owned).to_vec();
        let placement = Placement { constraints, ..Placement::default() };
        let site = findings.site("services.web");
        let nodes = translate_placement(None, &placement, &IndexMap::new(), &site);
        let pair = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
        let labels = [("kubernetes.io/arch", "amd64"), ("rack", "7")].map(pair);
        assert_eq!(nodes.selector, BTreeMap::from(labels));
        let affinity = nodes.affinity.unwrap().node_affinity.unwrap();
        let required = affinity.required_during_scheduling_ignored_during_execution.unwrap();
        assert_eq!(
            serde_json::to_string(&required.node_selector_terms).unwrap(),
            r#"[{"matchExpressions":[{"key":"kubernetes.io/hostname","operator":"NotIn","values":["b"]},{"key":"node-role.kubernetes.io/control-plane","operator":"DoesNotExist"}],"matchFields":[{"key":"metadata.name","operator":"NotIn","values":["2ivku8v2gvtg4"]}]}]"#
        );
        assert_eq!(findings.into_report().iter().count(), 2);
    }

    /// `engine.labels.operatingsystem==ubuntu 14.04` became a node selector that Kubernetes refuses.
    #[test]
    fn what_no_label_can_hold_is_reported() {
        let origins = Origins::default();
        let findings = Findings::new(&origins);
        let constraints = [
            "node.labels.disk == ssd",
            "engine.labels.operatingsystem==ubuntu 14.04",
            "node.labels.zone!=a b",
            "node.labels.a b==c",
        ];
        let placement = Placement {
            constraints: constraints.map(str::to_owned).to_vec(),
            preferences: vec![preference("node.labels.a b")],
            ..Placement::default()
        };
        let site = findings.site("services.web");
        let nodes = translate_placement(None, &placement, &IndexMap::new(), &site);
        assert_eq!(nodes.selector, BTreeMap::from([("disk".to_owned(), "ssd".to_owned())]));
        assert!(nodes.affinity.is_none() && nodes.spread.is_empty());
        assert_eq!(findings.into_report().iter().count(), 5);
    }
}
