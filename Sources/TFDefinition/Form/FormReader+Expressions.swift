import TFExpression

/// Where a form may compute something, and what is said where it may not: a `${ }` must not be shown as it stands.
extension FormReader {
    /// Whether `value` or `default` is an expression, right or wrong, so that no literal is looked for.
    func computes(_ type: ElementType, _ attributes: Fields, _ diagnostics: inout Diagnostics) -> Bool {
        for key in ["value", "default"] {
            guard let node = attributes.value(key), case .scalar(let text, _) = node.content else { continue }
            let isWhole = Expression.unwrapped(text) != nil
            if isWhole, inTask { return true }
            if isWhole || Template.jqText(of: text) != nil {
                diagnostics.error(
                    inTask
                        ? "text around \"${ }\" is not computed in a field; write '${ \(Template.jqText(of: text) ?? "") }'"
                        : "\"\(key)\" of a ticket's field computes nothing; it may be \(type.literalValues)",
                    at: node.position)
                return true
            }
            attributes.warnOfShownExpressions([key], &diagnostics)
        }
        return false
    }
}

extension ElementType {
    /// What `value` or `default` may be in a ticket's form, for messages.
    fileprivate var literalValues: String {
        switch self {
        case .user: "a login, me (who fills the form in) or requester (whose ticket it is)"
        case .date: "a date such as 2026-11-22, today or today+3d"
        case .time: "a time such as 09:30, or now"
        case .datetime: "a date and time such as 2026-11-22T09:30, or now"
        case .number: "a number"
        case .checkbox: "true or false"
        case .dropdown, .radio: "one of the options, or its index from 0"
        case .input, .textarea, .email, .url, .tel: "plain text; an expression may stand in the ticket's \"title\""
        case .markdown, .section, .checkboxes, .upload: "left out"
        }
    }
}
