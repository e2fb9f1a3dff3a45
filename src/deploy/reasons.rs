//! The reasons that clusters give for trouble, once.

pub(super) const BACKOFF_LIMIT_EXCEEDED: &str = "BackoffLimitExceeded";
pub(super) const CRASH_LOOP_BACK_OFF: &str = "CrashLoopBackOff";
pub(super) const CREATE_CONTAINER_CONFIG_ERROR: &str = "CreateContainerConfigError";
pub(super) const CREATE_CONTAINER_ERROR: &str = "CreateContainerError";
pub(super) const DEADLINE_EXCEEDED: &str = "DeadlineExceeded";
pub(super) const ERR_IMAGE_NEVER_PULL: &str = "ErrImageNeverPull";
pub(super) const ERR_IMAGE_PULL: &str = "ErrImagePull";
pub(super) const FAILED_CREATE: &str = "FailedCreate";
pub(super) const FAILED_SCHEDULING: &str = "FailedScheduling";
pub(super) const IMAGE_PULL_BACK_OFF: &str = "ImagePullBackOff";
pub(super) const INVALID_IMAGE_NAME: &str = "InvalidImageName";
pub(super) const LOST: &str = "ClaimLost";
pub(super) const PROGRESS_DEADLINE_EXCEEDED: &str = "ProgressDeadlineExceeded";
pub(super) const RUN_CONTAINER_ERROR: &str = "RunContainerError";
/// Ours: clusters have no one word for it.
pub(super) const UNBOUND_VOLUME: &str = "UnboundVolume";
pub(super) const UNSCHEDULABLE: &str = "Unschedulable";

/// What to do about a reason.
pub(super) fn help(reason: &str) -> Option<&'static str> {
    Some(match reason {
        IMAGE_PULL_BACK_OFF | ERR_IMAGE_PULL => {
            "check name and tag of `image`, and that the cluster may pull it; an image that was \
             only built here must be pushed to a registry that the cluster reaches"
        }
        INVALID_IMAGE_NAME => "correct `image` in the compose file",
        ERR_IMAGE_NEVER_PULL => {
            "the image is not on the node and `pull_policy` is `never`: load it, or let it be pulled"
        }
        CRASH_LOOP_BACK_OFF => {
            "the container starts and ends again and again: its last lines say why; check \
             `command`, `environment` and what it connects to (`depends_on` with a condition makes \
             it wait)"
        }
        CREATE_CONTAINER_CONFIG_ERROR => {
            "a ConfigMap, a Secret or one of its keys that the container needs is not there"
        }
        CREATE_CONTAINER_ERROR | RUN_CONTAINER_ERROR => {
            "the container cannot be started as it is written: check `command`, `entrypoint`, \
             `working_dir` and `volumes`"
        }
        UNSCHEDULABLE | FAILED_SCHEDULING => {
            "no node takes the pod: lower `deploy.resources.reservations`, relax \
             `deploy.placement.constraints`, or give the cluster more room"
        }
        UNBOUND_VOLUME => {
            "the cluster has no volume for the claim: check that it has a default StorageClass, or \
             name one"
        }
        BACKOFF_LIMIT_EXCEEDED => {
            "the command of the Job failed at every try; correct it and run `up` again, which \
             starts the Job anew"
        }
        DEADLINE_EXCEEDED => "the Job did not end in the time it was given",
        FAILED_CREATE => "the cluster does not let the pod be created: a quota or a policy says no",
        PROGRESS_DEADLINE_EXCEEDED => {
            "the new pods did not become ready in time: check `healthcheck`"
        }
        LOST => "the volume behind the claim is gone; restore it, or delete the claim",
        _ => return None,
    })
}
