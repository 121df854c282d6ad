/// One tag of an HTML page, as a browser parses it.
///
/// Attributes are decoded when they are asked for: a page has some hundred tags, and only those of one form are looked at.
struct MarkupTag: Sendable, Hashable {
    /// In lower case; an end tag's begins with a slash.
    let name: String
    /// The byte offsets from `<` to after `>`.
    let range: Range<Int>
    private let page: [UInt8]
    /// The offset of the first attribute, or of the tag's end.
    private let start: Int

    /// Attributes with their escapes decoded.
    var attributes: [(name: String, value: String)] {
        var reader = Reader(page: page, index: start)
        var attributes: [(name: String, value: String)] = []
        while let next = reader.attribute() {
            attributes.append((String(decoding: page[next.name], as: UTF8.self), Self.unescaped(page[next.value])))
        }
        return attributes
    }

    subscript(name: String) -> String? {
        var reader = Reader(page: page, index: start)
        while let next = reader.attribute() {
            if page[next.name].elementsEqual(name.utf8) { return Self.unescaped(page[next.value]) }
        }
        return nil
    }

    static func == (left: MarkupTag, right: MarkupTag) -> Bool { left.range == right.range && left.name == right.name }

    func hash(into hasher: inout Hasher) { hasher.combine(range) }

    /// All tags of a page in order; the contents of text areas, titles, scripts and styles are skipped.
    static func all(in page: [UInt8]) -> [MarkupTag] {
        var tags: [MarkupTag] = []
        var index = 0
        while let start = page[index...].firstIndex(of: UInt8(ascii: "<")) {
            guard let tag = MarkupTag(page, at: start) else {
                index = start + 1
                continue
            }
            tags.append(tag)
            index = tag.range.upperBound
            guard ["textarea", "script", "style", "title"].contains(tag.name) else { continue }
            // The text ends at the next end tag of the same name.
            index = end(of: tag.name, in: page, from: index)
        }
        return tags
    }

    /// The offset of the end tag of an element that holds only text.
    static func end(of name: String, in page: [UInt8], from start: Int) -> Int {
        let wanted = Array("</\(name)".utf8)
        var index = start
        while index + wanted.count <= page.count {
            if page[index] == wanted[0], page[index..<(index + wanted.count)].elementsEqual(wanted) { return index }
            index += 1
        }
        return page.count
    }

    private init?(_ page: [UInt8], at start: Int) {
        var reader = Reader(page: page, index: start + 1)
        reader.skip { $0 == UInt8(ascii: "/") }
        let letters = reader.index
        reader.skip(while: Reader.isName)
        guard reader.index > letters else { return nil }
        name = String(decoding: page[(start + 1)..<reader.index], as: UTF8.self).lowercased()
        self.start = reader.index
        self.page = page
        while reader.attribute() != nil {}
        guard reader.current == UInt8(ascii: ">") else { return nil }
        range = start..<(reader.index + 1)
    }

    /// The escapes that `HTML` writes.
    private static let escapes: [(written: [UInt8], byte: UInt8)] = [
        ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"),
    ].map { (Array($0.utf8), UInt8(ascii: $1)) }

    /// Decodes the escapes that `HTML` writes, in one pass over the bytes: a page has some hundred values.
    static func unescaped(_ bytes: some Collection<UInt8>) -> String {
        var rest = bytes[...]
        var plain: [UInt8] = []
        while let start = rest.firstIndex(of: UInt8(ascii: "&")) {
            plain += rest[..<start]
            rest = rest[start...]
            let escape = escapes.first { rest.starts(with: $0.written) }
            plain.append(escape?.byte ?? UInt8(ascii: "&"))
            rest = rest.dropFirst(escape?.written.count ?? 1)
        }
        return String(decoding: plain + rest, as: UTF8.self)
    }

    private struct Reader {
        let page: [UInt8]
        var index: Int

        var current: UInt8? { index < page.count ? page[index] : nil }

        mutating func skip(while isPassed: (UInt8) -> Bool) {
            while let byte = current, isPassed(byte) { index += 1 }
        }

        /// Reads the next attribute.
        /// - Returns: where its name and value are; nil at the tag's end, and where something stands that is none.
        mutating func attribute() -> (name: Range<Int>, value: Range<Int>)? {
            skip { Self.isSpace($0) || $0 == UInt8(ascii: "/") }
            let start = index
            skip { !Self.isSpace($0) && !"=>/".utf8.contains($0) }
            guard index > start else { return nil }
            let name = start..<index
            guard current == UInt8(ascii: "=") else { return (name, index..<index) }
            index += 1
            return (name, value())
        }

        private mutating func value() -> Range<Int> {
            var start = index
            guard let quote = current, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
                skip { !Self.isSpace($0) && $0 != UInt8(ascii: ">") }
                return start..<index
            }
            index += 1
            start = index
            skip { $0 != quote }
            defer { index = min(index + 1, page.count) }
            return start..<index
        }

        static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

        static func isName(_ byte: UInt8) -> Bool {
            (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
        }
    }
}
