import TFDefinition
import TFStore
import TFSystem

/// What the router proved of a request; a handler gets this and nothing with which it could bypass the proof.
///
/// The subject's properties can be read directly: `request.task`, `request.account`.
@dynamicMemberLookup
struct ProvedRequest<Kind: RouteSubject>: Sendable {
    let subject: Kind
    /// The path of the page's address, also where only its live part is asked for.
    let path: String
    /// Whether the request comes from a page and not from the API.
    let isPage: Bool
    let parts: PathParts
    /// What the visitor had typed, if the page is shown again because of it.
    let typed: TypedInput
    /// The hidden fields for the page's forms.
    let tags: FormTags
    /// How the browser's person wants to see the pages.
    let look: Frame.Look
    /// Milliseconds since 1970.
    let now: Int64

    subscript<Value>(dynamicMember member: KeyPath<Kind, Value>) -> Value { subject[keyPath: member] }
}

/// What was typed into a page's form, and why the form is shown again.
struct TypedInput: Sendable {
    enum Reason: Sendable {
        /// The form is shown for the first time.
        case nothing
        /// The session ended before the form was sent; nothing was changed.
        case parked
        /// Nothing was changed because of these errors.
        case errors([FieldError])
        /// Nothing was changed because the definition's form has changed.
        case formChanged

        var errors: [FieldError] {
            if case .errors(let errors) = self { return errors }
            return []
        }
    }

    var form = PostedForm()
    var reason = Reason.nothing

    var errors: [FieldError] { reason.errors }

    /// What was typed into a field with which nothing is wrong yet, in a form with other errors. What only the change
    /// would find wrong with it is then told beside those.
    func unrefused(_ field: String) -> String? {
        errors.isEmpty || errors.contains { $0.field == field } ? nil : form.text(field)
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
    /// The CSRF token, which names the session in which the page was shown.
    let token: String
    /// The idempotency key with which the form was sent before, if it is shown again.
    let submission: String?
    /// Whether the forms keep their idempotency key. Keys belong to an account: where nobody is signed in, only a link for
    /// a password names one, and it works once anyway.
    let isKeyed: Bool

    /// - Parameters:
    ///   - version: the version of what the form changes, as the page shows it.
    ///   - isSameSubmission: whether to keep the idempotency key of the form that was sent.
    func hidden(version: Int? = nil, isSameSubmission: Bool = false) -> HTML {
        Elements.hidden(
            csrf: token, submission: isKeyed && isSameSubmission ? submission : nil, version: version)
    }

    /// The hidden fields of a form about what has no number as its version.
    func hidden(version: String) -> HTML {
        #"\#(hidden())<input type=hidden name="version" value="\#(version)">"#
    }

    /// The hidden field of a form each of whose buttons sends something else: their own keys are in the buttons, by
    /// `key(version:forLive:)`.
    var keyedByButton: HTML { #"<input type="hidden" name="_csrf" value="\#(token)">"# }

    /// The hidden fields of a form in a live part, which is the same as long as nothing has changed: so is its key.
    /// - Parameter subject: what the form changes, such as `task 12`, in the version that the page shows.
    func hidden(version: Int? = nil, forLive subject: String) -> HTML {
        Elements.hidden(csrf: token, submission: key(version: version, forLive: subject), version: version)
    }

    /// The key of such a form: short, since a list has one in each row; it tells the requests of one account in a day apart.
    func key(version: Int?, forLive subject: String) -> String {
        let seed = "\(token) \(subject) \(version.map(String.init) ?? "")"
        return Base64URL.encode(Digest.sha256(Array(seed.utf8)).prefix(6))
    }
}
