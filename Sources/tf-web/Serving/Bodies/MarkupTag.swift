/// One tag of an HTML page, as a browser parses it.
struct MarkupTag: Sendable, Hashable {
    /// In lower case; an end tag's begins with a slash.
    let name: String
    /// Attributes with their escapes decoded.
    let attributes: [(name: String, value: String)]
    /// The byte offsets from `<` to after `>`.
    let range: Range<Int>

    subscript(name: String) -> String? { attributes.first { $0.name == name }?.value }

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
        var name = reader.take { $0 == UInt8(ascii: "/") }
        name += reader.take(while: Reader.isName)
        guard name.contains(where: Reader.isName) else { return nil }
        var attributes: [(name: String, value: String)] = []
        while true {
            _ = reader.take { Reader.isSpace($0) || $0 == UInt8(ascii: "/") }
            guard let byte = reader.current else { return nil }
            if byte == UInt8(ascii: ">") { break }
            let attribute = reader.take { !Reader.isSpace($0) && !"=>/".utf8.contains($0) }
            guard !attribute.isEmpty else { return nil }
            var value: [UInt8] = []
            if reader.current == UInt8(ascii: "=") {
                reader.index += 1
                value = reader.value()
            }
            attributes.append((String(decoding: attribute, as: UTF8.self), Self.unescaped(value)))
        }
        self.name = String(decoding: name, as: UTF8.self).lowercased()
        self.attributes = attributes
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

        mutating func take(while isTaken: (UInt8) -> Bool) -> [UInt8] {
            let start = index
            while let byte = current, isTaken(byte) { index += 1 }
            return Array(page[start..<index])
        }

        mutating func value() -> [UInt8] {
            guard let quote = current, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
                return take { !Self.isSpace($0) && $0 != UInt8(ascii: ">") }
            }
            index += 1
            let value = take { $0 != quote }
            index = min(index + 1, page.count)
            return value
        }

        static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

        static func isName(_ byte: UInt8) -> Bool {
            (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
        }
    }
}
