import CLibYAML
import TFExpression

/// The limits of a definition file; each is checked before anything is built.
package enum YAMLLimits {
    package static let bytes = 262_144
    package static let depth = 32
    package static let nodes = 20_000
}

extension YAMLNode {
    /// Reads one YAML document strictly, by libyaml's events.
    ///
    /// Refused: anchors, aliases, merge keys, tags, `%` directives, several documents, duplicate or non-string keys,
    /// NUL, bad UTF-8, and what is beyond `YAMLLimits`.
    /// - Parameter takesAnyKey: whether `200:` is the key "200", as in what others have written.
    /// - Returns: the root node without the refused parts, so that all problems are found at once; nil if the text
    ///   cannot be read at all.
    package static func read(
        _ bytes: [UInt8], _ diagnostics: inout Diagnostics, takesAnyKey: Bool = false
    ) -> YAMLNode? {
        guard bytes.count <= YAMLLimits.bytes else {
            // How many there are is not known: who reads a file stops behind the limit.
            diagnostics.error(
                "the file is too large; at most \(ByteSize.text(YAMLLimits.bytes)) are read", at: .start)
            return nil
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            diagnostics.error("the file is not UTF-8", at: position(of: bytes.firstBeyondUTF8 ?? 0, in: bytes))
            return nil
        }
        if let nul = bytes.firstIndex(of: 0) {
            diagnostics.error("the file holds a NUL byte", at: position(of: nul, in: bytes))
            return nil
        }
        let source = SourceText(text)
        if let line = source.lines.firstIndex(where: { $0.utf8.first == UInt8(ascii: "%") }) {
            diagnostics.error("\"%\" directives are not read", at: Position(line: line + 1, column: 1))
            return nil
        }
        var reader = YAMLReader(source: source, takesAnyKey: takesAnyKey)
        defer { for refused in reader.refused { diagnostics.error(refused.message, at: refused.position) } }
        do {
            return try reader.document()
        } catch {
            reader.refuse(error.message, at: error.position)
            return nil
        }
    }

    private static func position(of offset: Int, in bytes: [UInt8]) -> Position {
        let lines = String(decoding: bytes[..<offset], as: UTF8.self).sourceLines
        return Position(line: lines.count, column: (lines.last?.unicodeScalars.count ?? 0) + 1)
    }
}

private struct YAMLFailure: Error {
    let message: String
    let position: Position
}

/// Builds nodes from libyaml's events, with every limit checked on the way.
private struct YAMLReader {
    private static let longestLine = 2_000
    private static let limitRefused = 500

    let source: SourceText
    private let takesAnyKey: Bool
    /// On the heap: libyaml keeps the parser's own address as the handle of its input.
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    private var nodes = 0
    /// Reports well-formed YAML that is not allowed here; reading goes on after it.
    private(set) var refused: [YAMLFailure] = []

    init(source: SourceText, takesAnyKey: Bool) {
        self.source = source
        self.takesAnyKey = takesAnyKey
    }

    mutating func document() throws(YAMLFailure) -> YAMLNode {
        defer { parser.deallocate() }
        guard yaml_parser_initialize(parser) == 1 else {
            throw YAMLFailure(message: "out of memory", position: .start)
        }
        defer { yaml_parser_delete(parser) }
        // libyaml keeps the pointer, so all parsing happens inside the closure.
        let result: Result<YAMLNode, YAMLFailure> = source.bytes.withUnsafeBufferPointer { buffer in
            yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
            yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
            do throws(YAMLFailure) { return .success(try read()) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private mutating func read() throws(YAMLFailure) -> YAMLNode {
        var root: YAMLNode?
        while true {
            var event = try next()
            defer { yaml_event_delete(&event) }
            switch event.type {
            case YAML_STREAM_END_EVENT:
                guard let root else { throw YAMLFailure(message: "the file is empty", position: .start) }
                return root
            case YAML_STREAM_START_EVENT, YAML_DOCUMENT_END_EVENT: continue
            case YAML_DOCUMENT_START_EVENT:
                guard root == nil else {
                    throw YAMLFailure(
                        message: "a second document starts here; a file holds one", position: start(event))
                }
            default: root = try node(event, depth: 1)
            }
        }
    }

    /// - Returns: nil for an alias, which is refused, and for a list of nothing else.
    private mutating func node(_ event: yaml_event_t, depth: Int) throws(YAMLFailure) -> YAMLNode? {
        let position = start(event)
        nodes += 1
        guard nodes <= YAMLLimits.nodes else {
            throw YAMLFailure(message: "the file has more than \(YAMLLimits.nodes) nodes", position: position)
        }
        guard depth <= YAMLLimits.depth else {
            throw YAMLFailure(message: "nested deeper than \(YAMLLimits.depth)", position: position)
        }
        switch event.type {
        case YAML_SCALAR_EVENT: return scalar(event, at: position)
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            refuse(anchor: start.anchor, tag: start.tag, at: position)
            let (elements, isWhole) = try sequence(depth: depth + 1)
            // Of a list of nothing but refused elements nobody knows how long it is.
            return elements.isEmpty && !isWhole ? nil : YAMLNode(content: .sequence(elements), position: position)
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            refuse(anchor: start.anchor, tag: start.tag, at: position)
            let (entries, refusedKeys) = try mapping(depth: depth + 1)
            return YAMLNode(content: .mapping(entries), position: position, refusedKeys: refusedKeys)
        case YAML_ALIAS_EVENT:
            refuse("aliases (*name) are not read", at: position)
            return nil
        default: throw YAMLFailure(message: "a value should be here", position: position)
        }
    }

    private mutating func scalar(_ event: yaml_event_t, at position: Position) -> YAMLNode {
        let scalar = event.data.scalar
        refuse(anchor: scalar.anchor, tag: scalar.tag, at: position)
        let text = source.restored(
            String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self))
        // SQLite would cut the text there.
        if text.hasNUL { refuse("a text must not hold the character U+0000 (\\0)", at: position) }
        return YAMLNode(
            content: .scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE), position: position,
            textPosition: textPosition(scalar.style, text, at: position))
    }

    private mutating func sequence(depth: Int) throws(YAMLFailure) -> (elements: [YAMLNode], isWhole: Bool) {
        var elements: [YAMLNode] = []
        var isWhole = true
        while true {
            var event = try next()
            defer { yaml_event_delete(&event) }
            if event.type == YAML_SEQUENCE_END_EVENT { return (elements, isWhole) }
            if let element = try node(event, depth: depth) { elements.append(element) } else { isWhole = false }
        }
    }

    private mutating func mapping(
        depth: Int
    ) throws(YAMLFailure) -> (entries: [YAMLNode.Entry], refusedKeys: Set<String>) {
        var entries: [YAMLNode.Entry] = []
        var refusedKeys: Set<String> = []
        var seen: [ExactString: Position] = [:]
        while true {
            var keyEvent = try next()
            defer { yaml_event_delete(&keyEvent) }
            if keyEvent.type == YAML_MAPPING_END_EVENT { return (entries, refusedKeys) }
            let key = try key(keyEvent, depth: depth)
            var event = try next()
            defer { yaml_event_delete(&event) }
            let value = try node(event, depth: depth)
            guard let (key, position) = key else { continue }
            if key == YAMLNode.mergeKey {
                refusedKeys.insert(key)
                continue
            }
            if let first = seen[ExactString(key)] {
                refuse("the key \"\(key)\" stands twice, first on line \(first.line)", at: position)
                continue
            }
            seen[ExactString(key)] = position
            guard let value else {
                refusedKeys.insert(key)
                continue
            }
            entries.append(YAMLNode.Entry(key: key, keyPosition: position, value: value))
        }
    }

    /// - Returns: nil for a refused key but a merge key; its value is read and left out.
    private mutating func key(_ event: yaml_event_t, depth: Int) throws(YAMLFailure) -> (String, Position)? {
        let position = start(event)
        guard event.type == YAML_SCALAR_EVENT else {
            let hint = hint(position.line)
            refuse("a key must be text\(hint)", at: position)
            _ = try node(event, depth: depth)
            return nil
        }
        nodes += 1
        let node = scalar(event, at: position)
        guard case .scalar(let text, _) = node.content else { return nil }
        if text == YAMLNode.mergeKey {
            refuse("merge keys (<<) are not read", at: position)
            return (text, position)
        }
        if !takesAnyKey, node.json.stringValue == nil {
            refuse("a key must be text: write \(JSON.string(text).text)", at: position)
            return nil
        }
        return (text, position)
    }

    private mutating func next() throws(YAMLFailure) -> yaml_event_t {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        return event
    }

    /// libyaml's problem with its context, as one sentence.
    private func failure() -> YAMLFailure {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "the text is not YAML"
        let position = position(parser.pointee.problem_mark)
        if problem.hasSuffix("cannot start any token"), let first = scalar(at: position) {
            let reason =
                first == "\t"
                ? "a tab stands here; indent with blanks" : "no text starts with \(first) unless it is in quotes"
            return YAMLFailure(message: "not valid YAML: \(reason)", position: position)
        }
        let start = self.position(parser.pointee.context_mark)
        let from = start == position ? "" : " that starts on line \(start.line)"
        let context = parser.pointee.context.map { "\(String(cString: $0))\(from), " } ?? ""
        var hint = hint(position.line)
        // The line's first ": " made a mapping already.
        if hint.isEmpty, problem.hasPrefix("mapping values are not allowed"),
            String(line(position.line).unicodeScalars.prefix(position.column - 1)).contains(": ")
        {
            hint = "; a text with \": \" in it is written in quotes"
        }
        return YAMLFailure(message: "not valid YAML: \(context)\(problem)\(hint)", position: position)
    }

    private func scalar(at position: Position) -> Unicode.Scalar? {
        line(position.line).unicodeScalars.dropFirst(position.column - 1).first
    }

    private mutating func refuse(
        anchor: UnsafeMutablePointer<yaml_char_t>?, tag: UnsafeMutablePointer<yaml_char_t>?, at position: Position
    ) {
        if anchor != nil { refuse("anchors (&name) are not read", at: position) }
        if tag != nil { refuse("tags (!name) are not read", at: position) }
    }

    mutating func refuse(_ message: @autoclosure () -> String, at position: Position) {
        guard refused.count < Self.limitRefused else { return }
        refused.append(YAMLFailure(message: message(), position: position))
    }

    /// A hint for a mistake on a line whose unquoted `${ … }` YAML takes for a mapping.
    private func hint(_ number: Int) -> String {
        String(line(number).unicodeScalars.prefix(Self.longestLine)).contains("${")
            ? "; quote the expression: \"${ … }\"" : ""
    }

    private func start(_ event: yaml_event_t) -> Position { position(event.start_mark) }

    private func position(_ mark: yaml_mark_t) -> Position {
        Position(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }

    private func line(_ number: Int) -> Substring {
        source.lines.indices.contains(number - 1) ? source.lines[number - 1] : ""
    }

    private func textPosition(_ style: yaml_scalar_style_t, _ text: String, at position: Position) -> Position? {
        switch style {
        case YAML_PLAIN_SCALAR_STYLE where !text.contains("\n"): return position
        case YAML_SINGLE_QUOTED_SCALAR_STYLE, YAML_DOUBLE_QUOTED_SCALAR_STYLE:
            let behind = Position(line: position.line, column: position.column + 1)
            // Counting the columns of a very long line for each of its scalars would take too long.
            guard line(position.line).utf8.count <= Self.longestLine else { return nil }
            let written = line(position.line).unicodeScalars.dropFirst(position.column)
            return written.starts(with: text.unicodeScalars) ? behind : nil
        case YAML_LITERAL_SCALAR_STYLE:
            let indentation = line(position.line + 1).utf8.prefix { $0 == UInt8(ascii: " ") }.count
            return Position(line: position.line + 1, column: indentation + 1)
        default: return nil
        }
    }
}
