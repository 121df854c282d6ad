import TFDefinition
import TFStore
import TFSystem

/// Elements that several pages share.
enum Elements {
    /// The summary of errors at the top of a page; focus goes there at load, without JavaScript.
    static func errorSummary(_ errors: [FieldError]) -> HTML {
        errorSummary(errors.map(errorItem))
    }

    /// The same of items that a page makes itself.
    /// - Parameter id: of the summary, for links to it.
    static func errorSummary(_ items: [HTML], id: String? = nil) -> HTML {
        guard !items.isEmpty else { return .empty }
        let name: HTML? = id.map { #" id="\#($0)""# }
        return """
            <div class="banner fail"\(name) tabindex="-1" autofocus><div role="alert"><h2>There is a problem</h2>\
            <ul>\(items.prefix(FieldError.limit))</ul></div></div>
            """
    }

    /// An error in a list, with a link to its field.
    static func errorItem(_ error: FieldError) -> HTML {
        // The version and the idempotency key are hidden, and what the page does not have is nowhere: there is no field to
        // go to.
        error.field.isEmpty || error.field == FieldError.noVersion.field || error.field == PostedForm.key
            ? "<li>\(error.message)</li>" : "<li><a href=\"#\(fieldID(error.field))\">\(error.message)</a></li>"
    }

    /// The id of a field's first control. The ids of its other elements add a colon and a word or number. No field's
    /// name contains a colon, so all ids of a page are unique.
    static func fieldID(_ field: String) -> String { "f-" + field }

    /// A field with label, hint and error around its control.
    /// - Parameter form: distinguishes fields of the same name in several forms of a page.
    static func field(
        _ name: String, in form: String? = nil, label: String, hint: HTML? = nil, isOptional: Bool = false,
        errors: [FieldError], control: (_ attributes: HTML) -> HTML
    ) -> HTML {
        let id = fieldID(form.map { "\($0)-\(name)" } ?? name)
        let error = errors.first { $0.field == name }?.message
        return """
            <div class="field\(error == nil ? "" : " fail")"><label for="\(id)">\(label)\
            \(when(isOptional, " <span class=\"soft\">(optional)</span>"))</label>\
            \(hint.map { h -> HTML in #"<div class="hint" id="\#(id):hint">\#(h)</div>"# })\
            \(errorText(error, id))\(control(attributes(id, hasHint: hint != nil, hasError: error != nil)))</div>
            """
    }

    static func errorText(_ error: String?, _ id: String) -> HTML? {
        error.map { #"<p class="error fail" id="\#(id):error"><span class="vh">Error: </span>\#($0)</p>"# }
    }

    static func attributes(_ id: String, hasHint: Bool, hasError: Bool) -> HTML {
        let described = [hasHint ? "\(id):hint" : nil, hasError ? "\(id):error" : nil].compactMap { $0 }
        return """
             id="\(id)"\(when(!described.isEmpty, " aria-describedby=\"\(described.joined(separator: " "))\""))\
            \(when(hasError, " aria-invalid=\"true\""))
            """
    }

    /// The hidden fields of every form: the CSRF token, the idempotency key, and the version if there is one.
    static func hidden(csrf: String, submission: String? = nil, version: Int? = nil) -> HTML {
        """
        <input type=hidden name="_csrf" value="\(csrf)">\
        <input type=hidden name="_submission" value="\(submission ?? Random.token())">\
        \(version.map { v -> HTML in #"<input type=hidden name="version" value="\#(v)">"# })
        """
    }
}
