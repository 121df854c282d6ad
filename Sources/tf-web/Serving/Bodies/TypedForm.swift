import Hummingbird
import NIOCore
import TFDefinition

/// What was typed into a form, to be filled into the page that shows the form; works for any page and form.
struct TypedForm: Sendable {
    /// The address to which the form is sent.
    var action: String
    var fields: [(name: String, value: String)] = []
    /// Controls that stay as the page has made them.
    var untouched: Set<String> = []
    /// What the form's fields are called where the page does not have it any more; nil: it is not known.
    var known: ShownForm?
    /// Told above the form if it was kept while its person was signed out; nil: it was not.
    var kept: HTML?
    /// How the task stands whose page has no such form any more, to begin a sentence with; nil: the page is no task's.
    var standing: String?

    func filled(in response: Response) async throws -> Response {
        guard response.headers[.contentType]?.hasPrefix("text/html") == true else { return response }
        var response = response
        let page = try await BodyCollector.bytes(of: response.body)
        response.body = .init(byteBuffer: ByteBuffer(bytes: filled(in: Array(page.readableBytesView))))
        response.headers[.contentLength] = nil
        return response
    }

    /// The page with the form filled in and unfolded. If the page no longer has that form, what was typed is shown at
    /// its top.
    func filled(in page: [UInt8]) -> [UInt8] {
        let tags = MarkupTag.all(in: page)
        var edits = MarkupEdits()
        let main = tags.first { $0.name == "main" }
        if let form = form(in: tags) {
            if let kept, let main { edits.insert(kept.bytes, at: main.range.upperBound) }
            reveal(form.lowerBound, tags, &edits)
            edits.insert(Self.mark, at: tags[form.lowerBound].range.upperBound - 1)
            fill(tags[form], page, &edits)
        } else if let main {
            edits.insert(leftOver.bytes, at: main.range.upperBound)
        }
        return edits.applied(to: page)
    }

    /// Tells the script that something is typed in the form, which nothing keeps.
    private static let mark = Array(" data-typed".utf8)

    /// The tags of the form that is sent to `action`, by itself or by one of its buttons; of several, the one that has
    /// most of the typed fields.
    func form(in tags: [MarkupTag]) -> Range<Int>? {
        let names = Set(fields.map(\.name))
        return forms(in: tags).max { left, right in asked(names, tags[left]) < asked(names, tags[right]) }
    }

    private func asked(_ names: Set<String>, _ tags: ArraySlice<MarkupTag>) -> Int {
        Set(tags.compactMap { $0["type"] == "hidden" ? nil : $0["name"] }).intersection(names).count
    }

    private func forms(in tags: [MarkupTag]) -> [Range<Int>] {
        var forms: [Range<Int>] = []
        var start: Int?
        var isOurs = false
        for (index, tag) in tags.enumerated() {
            switch tag.name {
            case "form":
                start = index
                isOurs = tag["action"] == action && tag["method"] == "post"
            case "button" where tag["formaction"] == action: isOurs = start != nil
            case "/form":
                if isOurs, let start { forms.append(start..<index) }
                start = nil
                isOurs = false
            default: break
            }
        }
        return forms
    }

    /// Opens the `details` elements around the form.
    private func reveal(_ form: Int, _ tags: [MarkupTag], _ edits: inout MarkupEdits) {
        var folds: [MarkupTag] = []
        for tag in tags[..<form] {
            if tag.name == "details" { folds.append(tag) }
            if tag.name == "/details" { _ = folds.popLast() }
        }
        for fold in folds where fold["open"] == nil {
            edits.insert(Array(" open".utf8), at: fold.range.upperBound - 1)
        }
    }

    private func fill(_ tags: ArraySlice<MarkupTag>, _ page: [UInt8], _ edits: inout MarkupEdits) {
        var given: [String: [String]] = [:]
        for field in fields { given[field.name, default: []].append(field.value) }
        // Fields with the same name take their values in turn.
        var left = given
        var chosen: [String]?
        for tag in tags {
            let name = tag["name"] ?? ""
            if untouched.contains(name) { continue }
            switch tag.name {
            case "input":
                switch tag["type"] ?? "text" {
                case "hidden", "password", "file", "submit": break
                case "checkbox", "radio":
                    let isOn = given[name]?.contains(tag["value"] ?? "on") ?? false
                    if (tag["checked"] != nil) != isOn { edits.replace(tag, flag: "checked", isOn ? "" : nil) }
                default:
                    guard let value = left[name]?.popFirst(), tag["value"] != value else { continue }
                    edits.replace(tag, flag: "value", value)
                }
            case "textarea":
                guard let value = left[name]?.popFirst() else { continue }
                let text: HTML = "\n\(value)"
                let end = MarkupTag.end(of: "textarea", in: page, from: tag.range.upperBound)
                edits.replace(tag.range.upperBound..<end, text.bytes)
            case "select": chosen = given[name]
            case "/select": chosen = nil
            case "option":
                guard let chosen else { continue }
                let value = tag["value"] ?? MarkupTag.unescaped(page[tag.range.upperBound...].prefix { $0 != 0x3C })
                let isOn = chosen.contains(value)
                if (tag["selected"] != nil) != isOn { edits.replace(tag, flag: "selected", isOn ? "" : nil) }
            default: break
            }
        }
    }

    /// What a person has typed or chosen of it.
    var texts: [(name: String, value: String)] {
        var form = PostedForm()
        for field in fields { form.append(field.name, field.value) }
        return form.typed
    }

    private var leftOver: HTML {
        let facts = RouteServer.facts(texts, known)
        guard kept != nil else {
            return Elements.card("What you had typed, for a form that is not here any more", facts)
        }
        // What was kept cannot be sent any more: one message says why, and where it is.
        let why = Words.capitalized(standing ?? "the form is not here any more")
        let banner = Elements.banner(
            .wait, "\(why), so nothing was sent",
            "You were signed out while you typed. What you had typed is below, to copy.")
        return "\(banner)\(Elements.card("What you had typed", facts))"
    }
}

extension Array {
    fileprivate mutating func popFirst() -> Element? { isEmpty ? nil : removeFirst() }
}
