//! The kubelet of the simulated node: takes pods to Running and Ready, or to Completed.
