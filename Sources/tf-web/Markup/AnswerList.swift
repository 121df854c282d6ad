import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// Shows answers as labels and values in the form's order, with the fields as they were when the answers were given.
struct AnswerList {
    let fields: [AnsweredField]
    let answers: JSON
    let company: Company
    /// The address of the files, without the id.
    let files: String
    /// Decides which answers the visitor may read.
    let reader: AnswerReader

    /// The answers that the visitor may read.
    private var shown: [(field: AnsweredField, answer: JSON)] {
        fields.compactMap { field in
            let answer = answers[field.id]
            return answer == .null || !reader.maySee(field) ? nil : (field, answer)
        }
    }

    var isEmpty: Bool { shown.isEmpty }

    var html: HTML {
        let shown = shown
        guard !shown.isEmpty else { return "<p class=\"soft sm\">No answers.</p>" }
        return Elements.facts(facts)
    }

    /// The labels with their values, to stand among others.
    var facts: [(name: String, value: HTML)] { shown.map { ($0.field.label, text($0.field, $0.answer)) } }

    /// The answer to a field; nil: there is none, or the visitor may not read it.
    func answer(to id: String) -> HTML? { shown.first { $0.field.id == id }.map { text($0.field, $0.answer) } }

    /// As somebody says it: a single text without its label.
    var said: HTML {
        let shown = shown
        guard shown.count == 1, let only = shown.first, only.field.isProse else { return html }
        return text(only.field, only.answer)
    }

    /// One below the other, each under its label: for texts that need the whole width.
    var letter: HTML {
        let parts = shown.map { field, answer -> HTML in
            "<div><dt class=sm>\(field.label)</dt><dd>\(text(field, answer))</dd></div>"
        }
        return "<dl class=prose>\(parts)</dl>"
    }

    /// The same with only the answers that are texts of several lines.
    var texts: AnswerList { keeping { $0.isProse } }

    /// The same without them.
    var withoutTexts: AnswerList { keeping { !$0.isProse } }

    private func keeping(_ isKept: (AnsweredField) -> Bool) -> AnswerList {
        AnswerList(fields: fields.filter(isKept), answers: answers, company: company, files: files, reader: reader)
    }

    private func text(_ field: AnsweredField, _ answer: JSON) -> HTML {
        switch field.type {
        case .datetime:
            let seconds = TypedMoment(answer.displayText, offset: { _ in 0 })?.seconds
            return Times(company, now: 0).moment(seconds.map { $0 * 1000 })
        case .url:
            return #"<a href="\#(answer.displayText)" rel="noopener noreferrer">\#(answer.displayText)</a>"#
        case .email: return #"<a href="\#(Self.mailLink(answer.displayText))">\#(answer.displayText)</a>"#
        case .upload:
            let links = (answer.arrayValue ?? []).map { id -> HTML in
                let name = field.labels[id.displayText] ?? id.displayText
                return #"<a href="\#(files)/\#(id.displayText)" download>\#(name)</a> "#
            }
            return "\(links)"
        case .textarea where field.render != nil: return #"<pre tabindex="0">\#(answer.displayText)</pre>"#
        case .textarea: return "<p class=text>\(Markdown.linked(answer.displayText))</p>"
        case .markdown, .section, .input, .tel, .number, .date, .time, .dropdown, .radio, .checkbox, .checkboxes, .user:
            return "\(field.words(answer))"
        }
    }
}

extension AnsweredField {
    /// An answer in one line of plain text.
    func words(_ answer: JSON) -> String {
        switch type {
        case .checkbox: answer == true ? "Yes" : "No"
        case .number: Amount.text(answer, unit: unit)
        case .date: CalendarDate(answer.displayText)?.inWords ?? answer.displayText
        case .markdown, .section, .input, .textarea, .email, .url, .tel, .time, .datetime, .dropdown, .radio,
            .checkboxes,
            .user, .upload:
            (answer.arrayValue ?? [answer]).map { labels[$0.displayText] ?? $0.displayText }.joined(separator: ", ")
        }
    }

    /// Whether its answer is a text of several lines, as people write to one another.
    fileprivate var isProse: Bool { type == .textarea && render == nil }
}

extension AnswerList {
    /// A mailto link that names exactly one address: characters such as `?bcc=` are escaped. Source: RFC 6068.
    static func mailLink(_ address: String) -> String {
        let plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~@".utf8
        let digits = Array("0123456789ABCDEF".utf8)
        var link = Array("mailto:".utf8)
        for byte in address.utf8 {
            link +=
                plain.contains(byte)
                ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: link, as: UTF8.self)
    }
}

/// Decides which answers an actor may read: those without an audience, their own, and those whose audience they belong
/// to.
struct AnswerReader: Sendable {
    let actor: Actor
    /// Who gave the answers.
    let giver: AccountID?

    func maySee(_ field: AnsweredField) -> Bool { Policy.maySeeAnswer(actor, audience: field.audience, giver: giver) }

    /// The answers without those that the actor may not read.
    func visible(_ answers: JSON, _ fields: [AnsweredField]) -> JSON {
        guard var members = answers.objectValue else { return answers }
        for field in fields where !maySee(field) { members[field.id] = nil }
        return .object(members)
    }
}
