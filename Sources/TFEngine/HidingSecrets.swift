import TFDefinition
import TFExpression

/// Secrets go out with requests and come back with nothing that is stored or shown.
extension HTTPOutcome {
    /// The same with dots for each of the secrets in what tells of the request: its URL, its headers, and why it failed.
    ///
    /// What the server answers is the server's, and stays.
    package func hiding(_ secrets: [String]) -> HTTPOutcome {
        func hidden(_ text: String) -> String { text.hiding(secrets) }
        switch self {
        case .unclear(let reason): return .unclear(hidden(reason))
        case .failed(var error):
            error.detail = error.detail.map(hidden)
            return .failed(error)
        case .response(var response):
            response.url = hidden(response.url)
            response.requestHeaders = response.requestHeaders.map { .init(name: $0.name, value: hidden($0.value)) }
            return .response(response)
        }
    }
}

extension String {
    package func hiding(_ secrets: [String]) -> String {
        let forms = secrets.flatMap { [$0, percentEncoded($0)] }.sorted { $0.utf8.count > $1.utf8.count }
        return forms.reduce(self) { $0.replacing($1, with: "…") }
    }
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
