import CCmark

extension Markdown {
    /// Makes links of the addresses in a text node: `http://` or `https://` and what follows it, without the marks that
    /// end a sentence there.
    ///
    /// The library's own extension for it is not used: it takes too much memory with texts that are made for that.
    static func linkAddresses(in node: OpaquePointer) {
        guard let literal = cmark_node_get_literal(node) else { return }
        let text = String(cString: literal)
        guard text.contains("://"), !isInLink(node) else { return }
        let (pieces, rest) = pieces(of: text)
        for (before, address) in pieces {
            insert(before, before: node)
            insertLink(address, before: node)
        }
        cmark_node_set_literal(node, String(rest))
    }

    /// A text in which nothing but addresses means something: they are links, the rest is as it was typed.
    static func linked(_ text: String) -> HTML {
        guard text.contains("://") else { return "\(text)" }
        let (pieces, rest) = pieces(of: text)
        let linked = pieces.map { before, address -> HTML in
            let address = String(address)
            return #"\#(String(before))<a href="\#(address)">\#(address)</a>"#
        }
        return "\(linked)\(String(rest))"
    }

    /// The addresses in a text, each with what stands before it, and what stands behind the last.
    private static func pieces(
        of text: String
    ) -> (pieces: [(before: Substring, address: Substring)], rest: Substring) {
        var pieces: [(Substring, Substring)] = []
        var rest = text[...]
        for mark in text.ranges(of: "://") where mark.lowerBound >= rest.startIndex {
            guard let address = address(around: mark, in: rest) else { continue }
            pieces.append((rest[..<address.startIndex], address))
            rest = rest[address.endIndex...]
        }
        return (pieces, rest)
    }

    private static func isInLink(_ node: OpaquePointer) -> Bool {
        var parent = cmark_node_parent(node)
        while let above = parent {
            if cmark_node_get_type(above) == CMARK_NODE_LINK { return true }
            parent = cmark_node_parent(above)
        }
        return false
    }

    /// - Parameter mark: where `://` stands.
    private static func address(around mark: Range<String.Index>, in text: Substring) -> Substring? {
        let before = text[..<mark.lowerBound]
        let scheme = before.suffix(6).reversed().prefix { $0.isASCII && $0.isLetter }
        guard ["http", "https"].contains(String(scheme.reversed()).lowercased()) else { return nil }
        let start = before.index(mark.lowerBound, offsetBy: -scheme.count)
        let behind = text[mark.upperBound...].prefix { !$0.isWhitespace && !"<>\"".contains($0) }
        let address = bare(text[start..<behind.endIndex])
        return address.endIndex > mark.upperBound ? address : nil
    }

    /// An address without the marks behind it that belong to the sentence; a bracket belongs to the address that opens
    /// it.
    private static func bare(_ address: Substring) -> Substring {
        var address = address
        var open = address.count { $0 == ")" } - address.count { $0 == "(" }
        while let last = address.last {
            if last == ")", open > 0 { open -= 1 } else if !".,;:!?'*_~]}”“’»…。，".contains(last) { break }
            address.removeLast()
        }
        return address
    }

    private static func insert(_ text: Substring, before node: OpaquePointer) {
        guard !text.isEmpty, let made = cmark_node_new(CMARK_NODE_TEXT) else { return }
        cmark_node_set_literal(made, String(text))
        cmark_node_insert_before(node, made)
    }

    private static func insertLink(_ address: Substring, before node: OpaquePointer) {
        guard let link = cmark_node_new(CMARK_NODE_LINK) else { return insert(address, before: node) }
        cmark_node_set_url(link, String(address))
        cmark_node_insert_before(node, link)
        guard let words = cmark_node_new(CMARK_NODE_TEXT) else { return }
        cmark_node_set_literal(words, String(address))
        cmark_node_append_child(link, words)
    }
}
