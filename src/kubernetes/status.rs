use serde_json::{Map, Value, json};

/// An API error: the `Status` object that every failed request answers with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Status {
    /// The HTTP status code.
    pub code: u16,
    /// Why, for programs.
    pub reason: Reason,
    /// Why, for people.
    pub message: String,
    /// `details.name`, empty when there is none.
    pub name: String,
    /// `details.group`.
    pub group: String,
    /// `details.kind`: the resource (plural) of most errors.
    pub kind: String,
    /// `details.causes`.
    pub causes: Vec<Cause>,
}

/// One entry of `details.causes`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// E.g. `FieldValueRequired` or `FieldManagerConflict`.
    pub reason: &'static str,
    /// E.g. `Required value`.
    pub message: String,
    /// E.g. `spec.selector`.
    pub field: String,
}

macro_rules! reasons {
    ($($reason:ident $code:literal,)*) => {
        /// `Status.reason`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the names are the documentation: k8s.io/apimachinery StatusReason")]
        pub enum Reason { $($reason,)* }

        impl Reason {
            /// The HTTP status code that goes with the reason.
            pub fn code(self) -> u16 {
                match self { $(Self::$reason => $code,)* }
            }
        }
    };
}

reasons! {
    BadRequest 400,
    Unauthorized 401,
    Forbidden 403,
    NotFound 404,
    MethodNotAllowed 405,
    NotAcceptable 406,
    AlreadyExists 409,
    Conflict 409,
    Expired 410,
    RequestEntityTooLarge 413,
    UnsupportedMediaType 415,
    Invalid 422,
    TooManyRequests 429,
    InternalError 500,
    ServiceUnavailable 503,
    Timeout 504,
}

impl Status {
    /// An error without details.
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self {
            code: reason.code(),
            reason,
            message: message.into(),
            name: String::new(),
            group: String::new(),
            kind: String::new(),
            causes: Vec::new(),
        }
    }

    /// Names the object: group, resource and name.
    #[must_use]
    pub fn about(mut self, group: &str, kind: &str, name: &str) -> Self {
        group.clone_into(&mut self.group);
        kind.clone_into(&mut self.kind);
        name.clone_into(&mut self.name);
        self
    }

    /// The `Status` object.
    pub fn to_value(&self) -> Value {
        let mut details = Map::new();
        for (key, text) in [("name", &self.name), ("group", &self.group), ("kind", &self.kind)] {
            if !text.is_empty() {
                details.insert(key.to_owned(), json!(text));
            }
        }
        if !self.causes.is_empty() {
            let causes = self.causes.iter().map(|cause| {
                json!({"reason": cause.reason, "message": cause.message, "field": cause.field})
            });
            details.insert("causes".to_owned(), causes.collect());
        }
        json!({
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": format!("{:?}", self.reason),
            "details": details,
            "code": self.code,
        })
    }
}
