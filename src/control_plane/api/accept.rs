use http::HeaderMap;
use http::header::ACCEPT;

use crate::kubernetes::{Reason, Status};

/// The form in which a client wants objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accept {
    /// As they are.
    Json,
    /// As YAML.
    Yaml,
    /// As rows of the columns that `kubectl get` prints.
    Table,
    /// Metadata only.
    Metadata,
}

impl Accept {
    /// The first form in the `Accept` header that is known; a 406 when there is none.
    ///
    /// Protobuf is passed over: clients that prefer it name JSON as well.
    pub fn parse(headers: &HeaderMap) -> Result<Self, Status> {
        let mut ranges = headers
            .get_all(ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .filter(|range| !range.is_empty())
            .peekable();
        if ranges.peek().is_none() {
            return Ok(Self::Json);
        }
        ranges.find_map(form).ok_or_else(|| {
            Status::new(
                Reason::NotAcceptable,
                "only the following media types are accepted: application/json, application/yaml",
            )
        })
    }
}

fn form(range: &str) -> Option<Accept> {
    let mut parts = range.split(';').map(str::trim);
    let media = parts.next()?;
    let mut shape = "";
    let mut version = "v1";
    for part in parts {
        match part.split_once('=') {
            Some(("as", value)) => shape = value,
            Some(("v", value)) => version = value,
            _ => {}
        }
    }
    let json = matches!(media, "application/json" | "*/*" | "application/*");
    match (json, shape, version) {
        (true, "", _) => Some(Accept::Json),
        (true, "Table", "v1") => Some(Accept::Table),
        (true, "PartialObjectMetadata" | "PartialObjectMetadataList", "v1") => {
            Some(Accept::Metadata)
        }
        (false, "", _) if media == "application/yaml" => Some(Accept::Yaml),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: &str, expected: Option<Accept>) {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, header.parse().unwrap());
        assert_eq!(Accept::parse(&headers).ok(), expected, "{header}");
    }

    #[test]
    fn the_first_known_form_wins() {
        check("", Some(Accept::Json));
        check("application/vnd.kubernetes.protobuf, application/json", Some(Accept::Json));
        check(
            "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json",
            Some(Accept::Table),
        );
        check(
            "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
            Some(Accept::Metadata),
        );
        check("application/yaml", Some(Accept::Yaml));
        check("text/html, */*;q=0.8", Some(Accept::Json));
        check("application/vnd.kubernetes.protobuf", None);
        check("application/json;as=Table;v=v1alpha1", None);
    }
}
