use crate::model::{Config, Model, Network, Secret};
use crate::translate::findings::Site;

use super::outcome::{MEANINGLESS, TRANSLATED, attributes, local, no_equivalent};

/// Who decides about networks.
pub(super) const CNI: &str =
    "the addresses and interfaces of pods are up to the network of the cluster";

const MODEL_SERVER: &str = "set it where the model is served in the cluster";
const OPERATOR: &str = "use an operator that brings secrets from outside, and `external: true`";
const TEMPLATE: &str = "fill in the template before";

/// Reports the attributes of a network.
pub(super) fn report_network(network: &Network, site: &Site) {
    attributes!(site, network => Network {
        attachable: local("nothing to do: it is for the tool on this machine"),
        driver: no_equivalent(CNI).but(&["bridge", "overlay", "default"]),
        driver_opts: no_equivalent(CNI),
        enable_ipv4: TRANSLATED,
        enable_ipv6: TRANSLATED,
        extensions: MEANINGLESS,
        external: TRANSLATED,
        internal: TRANSLATED,
        ipam: no_equivalent(CNI),
        labels: TRANSLATED,
        name: TRANSLATED,
    });
}

/// Reports the attributes of a config.
pub(super) fn report_config(config: &Config, site: &Site) {
    attributes!(site, config => Config {
        extensions: MEANINGLESS,
        labels: TRANSLATED,
        name: TRANSLATED,
        source: TRANSLATED,
        template_driver: no_equivalent(TEMPLATE),
    });
}

/// Reports the attributes of a secret.
pub(super) fn report_secret(secret: &Secret, site: &Site) {
    attributes!(site, secret => Secret {
        driver: no_equivalent(OPERATOR),
        driver_opts: no_equivalent(OPERATOR),
        extensions: MEANINGLESS,
        labels: TRANSLATED,
        name: TRANSLATED,
        source: TRANSLATED,
        template_driver: no_equivalent(TEMPLATE),
    });
}

/// Reports the attributes of a model.
pub(super) fn report_model(model: &Model, site: &Site) {
    attributes!(site, model => Model {
        context_size: no_equivalent(MODEL_SERVER),
        extensions: MEANINGLESS,
        model: TRANSLATED,
        name: local("nothing to do: it is for the tool on this machine"),
        runtime_flags: no_equivalent(MODEL_SERVER),
    });
}
