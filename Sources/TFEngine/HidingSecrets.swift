import TFDefinition
import TFExpression

/// Secrets go out with requests and come back with nothing that is stored or shown.
extension HTTPOutcome {
    /// The same with an ellipsis for each of the secrets in what tells of the request: its URL, its headers, and why it
    /// failed, which can be the server's own words.
    ///
    /// The answer of a request that went well is data of the workflow, and stays.
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
    /// The same with an ellipsis for each of the secrets: what an expression cannot do with a value, it says with the value.
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
    /// Every text inside that is long enough to be worth hiding.
    package var secretTexts: [String] {
        switch self {
        case .string(let text): text.utf8.count >= 4 ? [text] : []
        case .array(let items): items.flatMap(\.secretTexts)
        case .object(let members): members.values.flatMap(\.secretTexts)
        default: []
        }
    }
}
