import TFDefinition
import TFStore

/// What a handler is given: what the router proved of the request, and nothing that could get around that.
///
/// The subject's own values are the request's: `request.task`, `request.account`.
@dynamicMemberLookup
struct ProvedRequest<Kind: Subject>: Sendable {
    let subject: Kind
    /// The path of the address.
    let path: String
    /// Whether a person sends it from a page, and no program.
    let isPage: Bool
    let parts: PathParts
    /// What the visitor had typed, where the page is shown again because of it.
    let typed: TypedInput
    /// For the forms of the page.
    let tags: FormTags
    /// Milliseconds since 1970.
    let now: Int64

    subscript<Value>(dynamicMember member: KeyPath<Kind, Value>) -> Value { subject[keyPath: member] }
}

/// What was typed into a page's form, and why it is shown again.
struct TypedInput: Sendable {
    enum Reason: Sendable {
        /// It is shown for the first time.
        case nothing
        /// The session died meanwhile; nothing was sent.
        case parked
        /// Nothing was changed: this is wrong.
        case errors([FieldError])
        /// Nothing was changed: the definition's form is another by now.
        case formChanged
    }

    var form = PostedForm()
    var reason = Reason.nothing

    var errors: [FieldError] {
        if case .errors(let errors) = reason { return errors }
        return []
    }

    var isFormChanged: Bool {
        if case .formChanged = reason { return true }
        return false
    }

    /// Whether the page shows its form for the first time.
    var isFirst: Bool {
        if case .nothing = reason { return true }
        return false
    }
}

/// The hidden fields of a page's forms.
struct FormTags: Sendable {
    /// Says in which session the page was shown.
    let token: String
    /// The id under which a form that is shown again was sent.
    let submission: String?
    /// Whether the form has an idempotency key. A key is an account's, so the forms of open pages have none.
    let isKeyed: Bool

    /// - Parameters:
    ///   - version: of what the form changes, as the page shows it.
    ///   - isSameSubmission: the form is the one that was sent.
    func hidden(version: Int? = nil, isSameSubmission: Bool = false) -> HTML {
        guard isKeyed else { return #"<input type="hidden" name="_csrf" value="\#(token)">"# }
        return Elements.hidden(csrf: token, submission: isSameSubmission ? submission : nil, version: version)
    }
}
