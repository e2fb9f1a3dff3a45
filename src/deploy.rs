//! Objects to a cluster: observe, plan, execute, wait; through the `kube` client only.
