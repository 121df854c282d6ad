import TFDefinition
import TFExpression

/// Secrets are sent with requests, but must not be in anything that is stored or shown.
extension HTTPOutcome {
    /// The outcome with an ellipsis for each secret in the request's URL, its headers, and the reason of a failure,
    /// which may quote the server.
    ///
    /// The body of a successful answer is data of the workflow and is not changed.
    package func hiding(_ secrets: [String]) -> HTTPOutcome {
        let forms = SecretForms(secrets)
        switch self {
        case .unclear(let reason): return .unclear(forms.hidden(in: reason))
        case .failed(let error): return .failed(error.hiding(forms))
        case .response(let response):
            return .response(response.hiding(forms))
        }
    }
}

extension HTTPOutcome.Response {
    fileprivate func hiding(_ forms: SecretForms) -> HTTPOutcome.Response {
        var hidden = self
        hidden.url = forms.hidden(in: url)
        hidden.requestHeaders = requestHeaders.map { .init(name: $0.name, value: forms.hidden(in: $0.value)) }
        if !(200..<300).contains(status) { hidden.body = forms.hidden(in: body) }
        return hidden
    }
}

extension WorkflowError {
    /// The error with an ellipsis for each secret: messages of failed expressions quote values.
    package func hiding(_ secrets: [String]) -> WorkflowError { hiding(SecretForms(secrets)) }

    fileprivate func hiding(_ forms: SecretForms) -> WorkflowError {
        var hidden = self
        hidden.title = forms.hidden(in: title)
        hidden.detail = detail.map(forms.hidden)
        return hidden
    }
}

extension String {
    package func hiding(_ secrets: [String]) -> String { SecretForms(secrets).hidden(in: self) }
}

extension JSON {
    /// All texts in the value that are long enough to be hidden.
    package var secretTexts: [String] {
        switch self {
        case .string(let text): text.utf8.count >= 4 ? [text] : []
        case .array(let items): items.flatMap(\.secretTexts)
        case .object(let members): members.values.flatMap(\.secretTexts)
        case .null, .bool, .number: []
        }
    }
}
