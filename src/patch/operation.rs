use json_patch::PatchOperation;
use serde_json::Value;

/// An operation of a JSON patch (RFC 6902), with where it stands in its document.
#[derive(Debug)]
pub struct Operation {
    operation: PatchOperation,
    /// The path of the operation in the document, e.g. `patch[2]`.
    pub path: String,
}

impl Operation {
    /// The operations of a patch whose document has it at `path`; `inline` when each has a place of its own.
    pub fn parse_all(
        items: Vec<Value>,
        path: &str,
        inline: bool,
    ) -> Result<Vec<Self>, (String, String)> {
        let parse = |(index, item): (usize, Value)| {
            let path = if inline { format!("{path}[{index}]") } else { path.to_owned() };
            match serde_json::from_value(item) {
                Ok(operation) => Ok(Self { operation, path }),
                Err(error) => {
                    Err((path, format!("operation {} is not well-formed: {error}", index + 1)))
                }
            }
        };
        items.into_iter().enumerate().map(parse).collect()
    }

    /// Changes a value, or says why it cannot.
    pub fn apply(&self, value: &mut Value) -> Result<(), String> {
        json_patch::patch(value, std::slice::from_ref(&self.operation)).map_err(|error| {
            let json_patch::PatchError { path, kind, .. } = error;
            format!("cannot {} `{path}`: {kind}", self.verb())
        })
    }

    fn verb(&self) -> &'static str {
        match self.operation {
            PatchOperation::Add(_) => "add",
            PatchOperation::Remove(_) => "remove",
            PatchOperation::Replace(_) => "replace",
            PatchOperation::Move(_) => "move to",
            PatchOperation::Copy(_) => "copy to",
            PatchOperation::Test(_) => "find the value of",
        }
    }
}
