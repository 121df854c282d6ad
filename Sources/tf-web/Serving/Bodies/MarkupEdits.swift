/// Edits of a page, in the order of their offsets.
struct MarkupEdits {
    private var edits: [(range: Range<Int>, bytes: [UInt8])] = []

    mutating func insert(_ bytes: [UInt8], at index: Int) { edits.append((index..<index, bytes)) }

    mutating func replace(_ range: Range<Int>, _ bytes: [UInt8]) { edits.append((range, bytes)) }

    /// Rewrites a tag with this value of one attribute; nil removes the attribute.
    mutating func replace(_ tag: MarkupTag, flag name: String, _ value: String?) {
        let others = tag.attributes.filter { $0.name != name }
        let attributes = value.map { others + [(name, $0)] } ?? others
        let written = attributes.map { attribute -> HTML in
            #" \#(HTML(trusted: attribute.name))="\#(attribute.value)""#
        }
        let html: HTML = "<\(HTML(trusted: tag.name))\(written)>"
        replace(tag.range, html.bytes)
    }

    func applied(to page: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        for edit in edits {
            result += page[index..<edit.range.lowerBound] + edit.bytes
            index = edit.range.upperBound
        }
        return result + page[index...]
    }
}
