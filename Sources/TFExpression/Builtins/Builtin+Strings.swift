/// Functions on strings.
extension Builtin {
    static let strings: [Builtin] = [
        Builtin("ascii_downcase") { (input) throws(ExpressionError) in
            .string(ascii(try text(input, "ascii_downcase"), from: "A"..."Z"))
        },
        Builtin("ascii_upcase") { (input) throws(ExpressionError) in
            .string(ascii(try text(input, "ascii_upcase"), from: "a"..."z"))
        },
        Builtin("startswith") { (input, prefix) throws(ExpressionError) in
            let (text, prefix) = try both(input, prefix, "startswith() requires string inputs")
            return .bool(text.utf8.starts(with: prefix.utf8))
        },
        Builtin("endswith") { (input, suffix) throws(ExpressionError) in
            let (text, suffix) = try both(input, suffix, "endswith() requires string inputs")
            return .bool(text.utf8.reversed().starts(with: suffix.utf8.reversed()))
        },
        Builtin("ltrimstr") { (input, prefix) throws(ExpressionError) in
            let (text, prefix) = try both(input, prefix, "startswith() requires string inputs")
            return .string(trimmed(text, prefix: prefix))
        },
        Builtin("rtrimstr") { (input, suffix) throws(ExpressionError) in
            let (text, suffix) = try both(input, suffix, "endswith() requires string inputs")
            return .string(trimmed(text, suffix: suffix))
        },
        Builtin("trimstr") { (input, part) throws(ExpressionError) in
            let (text, part) = try both(input, part, "startswith() requires string inputs")
            return .string(trimmed(trimmed(text, prefix: part), suffix: part))
        },
        Builtin("trim") { (input) throws(ExpressionError) in
            .string(trimmed(try text(input, "trim"), atStart: true, atEnd: true))
        },
        Builtin("ltrim") { (input) throws(ExpressionError) in
            .string(trimmed(try text(input, "trim"), atStart: true, atEnd: false))
        },
        Builtin("rtrim") { (input) throws(ExpressionError) in
            .string(trimmed(try text(input, "trim"), atStart: false, atEnd: true))
        },
        Builtin("split") { (input, separator) throws(ExpressionError) in
            let (text, separator) = try both(input, separator, "split input and separator must be strings")
            return text.split(separatedBy: separator)
        },
        Builtin(
            "join", 1,
            .metered { (evaluator, input, arguments) throws(ExpressionError) in
                try joined(try elements(input), arguments[0], &evaluator)
            }),
        Builtin("explode") { (input) throws(ExpressionError) in
            guard let text = input.stringValue else {
                throw .raised(.string("\(input.errorText) cannot be exploded"))
            }
            return .array(text.unicodeScalars.map { .int(Int($0.value)) })
        },
        Builtin("implode") { (input) throws(ExpressionError) in
            guard let points = input.arrayValue else { throw .raised("implode input must be an array") }
            var scalars = String.UnicodeScalarView()
            for point in points {
                guard let value = point.doubleValue, let whole = Int64(clamping: value) else {
                    throw .raised(
                        .string("\(point.errorText) can't be imploded, unicode codepoint needs to be numeric"))
                }
                scalars.append(UInt32(exactly: whole).flatMap(Unicode.Scalar.init) ?? "\u{FFFD}")
            }
            return .string(String(scalars))
        },
        Builtin("_strindices") { (input, part) throws(ExpressionError) in
            guard let text = input.stringValue else {
                throw .raised(.string("\(input.errorText) cannot be searched, as it is not a string"))
            }
            guard let part = part.stringValue else { throw .raised(.string("\(part.errorText) is not a string")) }
            return .array(indices(of: part, in: text).map { .int($0) })
        },
        Builtin("indices") { (input, part) throws(ExpressionError) in try indices(input, part) },
        Builtin("index") { (input, part) throws(ExpressionError) in try indices(input, part).member(0) },
        Builtin("rindex") { (input, part) throws(ExpressionError) in try indices(input, part).member(-1) },
    ]

    private static func joined(
        _ elements: [JSON], _ separator: JSON, _ evaluator: inout Evaluator
    ) throws(ExpressionError) -> JSON {
        guard !elements.isEmpty else { return "" }
        var parts: [JSON] = []
        var size = 0
        for element in elements {
            if !parts.isEmpty { parts.append(separator) }
            switch element {
            case .null: parts.append("")
            case .bool, .number: parts.append(.string(element.text))
            case .string: parts.append(element)
            case .array, .object:
                let text = try sum(parts.isEmpty ? [""] : parts)
                throw .raised(.string("\(text.errorText) and \(element.errorText) cannot be added"))
            }
            size += (parts.last?.stringValue?.utf8.count ?? 0) + (separator.stringValue?.utf8.count ?? 0)
            try evaluator.checkSize(size)
        }
        return try sum(parts)
    }

    private static func indices(_ input: JSON, _ part: JSON) throws(ExpressionError) -> JSON {
        switch (input, part) {
        case (.null, _): return .null
        case (.string(let text), .string(let part)):
            return part.isEmpty ? .null : .array(indices(of: part, in: text).map { .int($0) })
        case (.array(let elements), .array(let wanted)): return JSON.indices(of: wanted, in: elements)
        case (.array(let elements), _): return JSON.indices(of: [part], in: elements)
        default: return try input.member(part)
        }
    }

    /// The positions at which `part` starts in `text`, in code points.
    private static func indices(of part: String, in text: String) -> [Int] {
        let bytes = Array(text.utf8)
        var point = 0
        var offset = 0
        return bytes.places(of: Array(part.utf8), overlapping: true).map { place in
            while offset < place {
                // Continuation bytes of UTF-8 do not count.
                if bytes[offset] & 0xC0 != 0x80 { point += 1 }
                offset += 1
            }
            return point
        }
    }

    private static func text(_ input: JSON, _ function: String) throws(ExpressionError) -> String {
        guard let text = input.stringValue else { throw .raised(.string("\(function) input must be a string")) }
        return text
    }

    private static func both(
        _ input: JSON, _ argument: JSON, _ message: String
    ) throws(ExpressionError) -> (String, String) {
        guard let text = input.stringValue, let argument = argument.stringValue else {
            throw .raised(.string(message))
        }
        return (text, argument)
    }

    private static func ascii(_ text: String, from range: ClosedRange<Unicode.Scalar>) -> String {
        let bytes = text.utf8.map { byte in range.contains(Unicode.Scalar(byte)) ? byte ^ 0x20 : byte }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func trimmed(_ text: String, prefix: String) -> String {
        text.utf8.starts(with: prefix.utf8)
            ? String(decoding: text.utf8.dropFirst(prefix.utf8.count), as: UTF8.self) : text
    }

    private static func trimmed(_ text: String, suffix: String) -> String {
        text.utf8.reversed().starts(with: suffix.utf8.reversed())
            ? String(decoding: text.utf8.dropLast(suffix.utf8.count), as: UTF8.self) : text
    }

    private static func trimmed(_ text: String, atStart: Bool, atEnd: Bool) -> String {
        var scalars = text.unicodeScalars[...]
        if atStart { scalars = scalars.drop(while: \.properties.isWhitespace) }
        if atEnd { while scalars.last?.properties.isWhitespace == true { scalars.removeLast() } }
        return String(scalars)
    }
}
