use super::Object;

/// A project as Kubernetes objects, in the order in which they are applied.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Application {
    /// The project name as a Kubernetes name: the value of the `instance` label.
    pub project: String,
    /// The waves of `depends_on`: each is applied when the gates of those before it are open.
    pub waves: Vec<Wave>,
}

/// Objects that are applied together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wave {
    /// The objects, in apply order (namespaces and configuration before workloads).
    pub objects: Vec<Object>,
    /// What later waves need of this one.
    pub gates: Vec<Gate>,
}

/// A workload that a later wave waits for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gate {
    /// `kind` of the workload.
    pub kind: String,
    /// `metadata.name` of the workload.
    pub name: String,
    /// What is waited for.
    pub until: GateCondition,
    /// False lets the later waves go on when the workload fails (`required: false`).
    pub required: bool,
}

/// The conditions of `depends_on`, in Kubernetes terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GateCondition {
    /// A pod of the workload runs.
    Started,
    /// All pods of the workload are ready.
    Ready,
    /// The Job is complete.
    Complete,
}

impl Application {
    /// All objects, in apply order, and nothing else.
    pub fn into_objects(self) -> impl Iterator<Item = Object> {
        self.waves.into_iter().flat_map(|wave| wave.objects)
    }

    /// All objects, in apply order.
    pub fn objects(&self) -> impl Iterator<Item = &Object> {
        self.waves.iter().flat_map(|wave| &wave.objects)
    }
}
