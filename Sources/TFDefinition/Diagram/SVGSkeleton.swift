/// A part of a drawn workflow: markup, or a marker that each page fills.
package enum Piece: Sendable, Hashable {
    case text(String)
    case nodeClass(String)
    case nodeText(String)
    case edgeClass(Int)
}

/// Graphviz' SVG, cleaned for a page and cut at its markers.
///
/// It is read byte by byte, and only the elements and attributes that shapes need are written again. So whatever a step
/// is called, no link, script or style gets into a page.
package struct SVGSkeleton {
    package private(set) var pieces: [Piece] = []

    private static let elements: Set<String> = ["svg", "g", "path", "polygon", "polyline", "ellipse", "text"]
    private static let attributes: Set<String> = [
        "class", "width", "height", "viewBox", "xmlns", "transform", "d", "points", "cx", "cy", "rx", "ry", "x", "y",
        "text-anchor", "font-size", "stroke-width", "stroke-dasharray",
    ]
    private static let opening =
        #"svg role="img" aria-label="Diagram of the workflow; the table of tasks below says the same""#

    package init(_ svg: String) {
        let bytes = Array(svg.utf8)
        var position = bytes[...].firstPlace(of: "<svg") ?? bytes.count
        while position < bytes.count {
            let next = bytes[position...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
            add(bytes[position..<next])
            position = next
            guard position < bytes.count else { break }
            position = element(bytes, at: position)
        }
    }

    /// Reads an element that begins with `<`.
    /// - Returns: the position behind it.
    private mutating func element(_ bytes: [UInt8], at start: Int) -> Int {
        if bytes[start...].starts(with: "<!--".utf8) { return lineEnd(bytes, end(of: "-->", bytes, start)) }
        let end = end(of: ">", bytes, start)
        let tag = SVGTag(bytes[start..<end])
        // Graphviz writes the nodes' internal names as titles.
        if tag.name == "title", !tag.isClosing {
            return lineEnd(bytes, self.end(of: "</title>", bytes, start))
        }
        guard Self.elements.contains(tag.name) else { return end }
        var markup = tag.isClosing ? "</\(tag.name)" : "<" + (tag.name == "svg" ? Self.opening : tag.name)
        for (name, value) in tag.attributes where Self.attributes.contains(name) { markup += " \(name)=\"\(value)\"" }
        add(Array((markup + (tag.isEmpty ? "/>" : ">")).utf8)[...])
        return end
    }

    private func end(of mark: String, _ bytes: [UInt8], _ start: Int) -> Int {
        bytes[start...].firstPlace(of: mark).map { $0 + mark.utf8.count } ?? bytes.count
    }

    private func lineEnd(_ bytes: [UInt8], _ end: Int) -> Int {
        end < bytes.count && bytes[end] == UInt8(ascii: "\n") ? end + 1 : end
    }

    /// Adds markup, cut at its markers. Only markers hold `@`: it is removed from names.
    private mutating func add(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while let at = rest.firstIndex(of: UInt8(ascii: "@")) {
            append(rest[..<at])
            rest = rest[(at + 1)...]
            guard let end = rest.firstIndex(of: UInt8(ascii: "@")) else { return }
            let marker = String(decoding: rest[..<end], as: UTF8.self)
            rest = rest[(end + 1)...]
            switch marker.utf8.first {
            case UInt8(ascii: "c"): pieces.append(.nodeClass(String(marker.dropFirst(2))))
            case UInt8(ascii: "t"):
                pieces.append(.nodeText(String(marker.dropFirst(2))))
                // The padding that kept room for the longest text.
                while rest.starts(with: DotSource.padding.utf8) { rest = rest.dropFirst(DotSource.padding.utf8.count) }
            default: pieces.append(.edgeClass(Int(marker.dropFirst(2)) ?? -1))
            }
        }
        append(rest)
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>) {
        guard !bytes.isEmpty else { return }
        let text = String(decoding: bytes, as: UTF8.self)
        if case .text(let before)? = pieces.last {
            pieces[pieces.count - 1] = .text(before + text)
        } else {
            pieces.append(.text(text))
        }
    }
}

/// One tag as Graphviz writes it: attributes in double quotes, without a raw quote or `<` in them.
private struct SVGTag {
    let name: String
    var isClosing = false
    var isEmpty = false
    var attributes: [(name: String, value: String)] = []

    /// - Parameter bytes: from `<` to `>`.
    init(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes.dropFirst()
        if rest.last == UInt8(ascii: ">") { rest = rest.dropLast() }
        if rest.first == UInt8(ascii: "/") {
            isClosing = true
            rest = rest.dropFirst()
        }
        if rest.last == UInt8(ascii: "/") {
            isEmpty = true
            rest = rest.dropLast()
        }
        name = String(decoding: rest.prefix { !Self.isSpace($0) }, as: UTF8.self)
        rest = rest.drop { !Self.isSpace($0) }
        while let equals = rest.firstIndex(of: UInt8(ascii: "=")), equals + 1 < rest.endIndex,
            rest[equals + 1] == UInt8(ascii: "\"")
        {
            let value = rest[(equals + 2)...]
            guard let end = value.firstIndex(of: UInt8(ascii: "\"")) else { return }
            attributes.append(
                (
                    String(decoding: rest[..<equals].drop(while: Self.isSpace), as: UTF8.self),
                    String(decoding: value[..<end], as: UTF8.self)
                ))
            rest = rest[(end + 1)...]
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}

extension ArraySlice<UInt8> {
    /// The position of the first occurrence of a text, if there is one.
    fileprivate func firstPlace(of text: String) -> Int? {
        let wanted = Array(text.utf8)
        guard let first = wanted.first else { return nil }
        var start = startIndex
        while let index = self[start...].firstIndex(of: first) {
            if self[index...].starts(with: wanted) { return index }
            start = index + 1
        }
        return nil
    }
}
