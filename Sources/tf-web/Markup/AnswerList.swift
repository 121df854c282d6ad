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

    var html: HTML {
        let rows = fields.compactMap { field -> HTML? in
            let answer = answers[field.id]
            guard answer != .null, reader.maySee(field) else { return nil }
            return "<dt>\(field.label)</dt><dd>\(text(field, answer))</dd>"
        }
        return rows.isEmpty ? "<p>No answers.</p>" : "<dl>\(rows)</dl>"
    }

    private func text(_ field: AnsweredField, _ answer: JSON) -> HTML {
        let values = (answer.arrayValue ?? [answer]).map { value in field.labels[value.displayText] ?? value.displayText
        }
        switch field.type {
        case .checkbox: return answer == true ? "Yes" : "No"
        case .number: return "\(answer.displayText)\(field.unit.map { " \($0)" })"
        case .datetime:
            let seconds = TypedMoment(answer.displayText, offset: { _ in 0 })?.seconds
            return Elements.time(seconds.map { $0 * 1000 }, company)
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
        case .markdown, .section, .input, .textarea, .tel, .date, .time, .dropdown, .radio, .checkboxes, .user:
            return "\(values.joined(separator: ", "))"
        }
    }
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
