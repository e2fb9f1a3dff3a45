//! Template contexts to checked Kubernetes objects; no decisions.
