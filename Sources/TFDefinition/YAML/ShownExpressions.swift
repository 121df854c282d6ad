import TFExpression

/// Texts that people read as they are written: a `${ }` in one of them is most likely meant to be computed.
extension Fields {
    func warnOfShownExpressions(_ keys: [String], _ diagnostics: inout Diagnostics) {
        for key in keys {
            guard let node = value(key), case .scalar(let text, _) = node.content else { continue }
            Self.warnOfShownExpression(in: key, text, at: node.position, &diagnostics)
        }
    }

    /// The same for an entry of a list.
    static func warnOfShownExpression(
        in key: String, _ text: String, at position: Position, _ diagnostics: inout Diagnostics
    ) {
        let isMeant = text.contains("${ ") || Expression.unwrapped(text) != nil
        guard isMeant || Template.jqText(of: text) != nil else { return }
        diagnostics.warning("\"${ }\" is not computed in \"\(key)\"; it is shown as it stands", at: position)
    }
}

extension Template {
    /// A text with `${ }` in it as one string of jq; nil where nothing in it can be computed.
    static func jqText(of text: String) -> String? {
        guard text.contains("${") else { return nil }
        let template = try? Template(text, variables: WorkflowDefinition.variables)  // any failure: nothing is computed
        guard let template, template.isComputed else { return nil }
        let pieces = template.parts.map { part in
            switch part {
            case .text(let text): String(JSON.string(text).text.dropFirst().dropLast())
            case .expression(let expression): "\\(\(expression.source.trimmingSpace()))"
            }
        }
        return "\"\(pieces.joined())\""
    }
}
