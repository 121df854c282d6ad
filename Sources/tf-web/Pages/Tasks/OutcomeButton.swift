import TFDefinition

/// A way to finish a task as a button, which looks and reads alike on every page that offers it.
struct OutcomeButton {
    private let outcome: Outcome
    private let isFirst: Bool

    /// The buttons in the order of the definition; the first is the usual way.
    static func all(_ outcomes: [Outcome]) -> [OutcomeButton] {
        outcomes.enumerated().map { OutcomeButton(outcome: $1, isFirst: $0 == 0) }
    }

    /// In a form that finishes the task.
    var html: HTML { #"<button\#(look) name="outcome" value="\#(outcome.value)">\#(label)</button>"# }

    /// The same where nothing is asked first.
    var unasked: HTML { #"<button\#(look) name="outcome" value="\#(outcome.value)">\#(outcome.label)</button>"# }

    /// For an outcome that the form of another page asks about first.
    func link(to path: String) -> HTML {
        #"<a class="btn\#(kind.map { " \($0)" })" href="\#(path)">\#(outcome.label)…</a>"#
    }

    /// The attribute with the class, if it has one.
    var look: HTML { kind.map { kind -> HTML in #" class="\#(kind)""# } ?? .empty }

    /// With dots where a question follows.
    var label: String { outcome.label + (outcome.confirm == nil ? "" : "…") }

    private var kind: String? { isFirst ? "primary" : outcome.confirm == nil ? nil : "danger" }
}
