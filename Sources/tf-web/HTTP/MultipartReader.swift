import Foundation
import TFDefinition
import TFExpression

/// One part of a `multipart/form-data` body, as its headers tell.
struct MultipartPart: Sendable, Equatable {
    /// The form field's name.
    let name: String
    /// The file's own name without a path; nil: a text field. Empty: a file field in which nothing was chosen.
    let fileName: String?
    /// As the sender calls it; `application/octet-stream` where they do not.
    let mediaType: String
}

/// Why a body is not `multipart/form-data`.
enum MultipartError: Error, Equatable, CustomStringConvertible {
    case badBoundary
    case badHeaders(String)
    case headersTooLong
    case tooManyParts
    /// A name holds U+0000.
    case nul(field: String)
    case truncated

    var description: String {
        switch self {
        case .badBoundary: "the Content-Type has no boundary of 1 to 70 characters"
        case .badHeaders(let why): "a part's headers cannot be read: \(why)"
        case .headersTooLong: "a part's headers are longer than 16 KiB"
        case .tooManyParts: "the form has too many fields"
        case .nul(let field): FieldError.nul(in: field).message
        case .truncated: "the body ends in the middle of a part"
        }
    }
}

extension Failure {
    init(_ error: MultipartError) {
        switch error {
        case .nul(let field): self = .invalid([.nul(in: field)])
        case .badBoundary, .badHeaders, .headersTooLong, .tooManyParts, .truncated:
            self = .badRequest("The form cannot be read: \(error).")
        }
    }
}

/// Cuts a `multipart/form-data` body (RFC 7578, RFC 2046 chapter 5.1) into parts while it comes in, in pieces of any
/// size, holding no more of it than a piece and a boundary.
struct MultipartReader {
    enum Event: Equatable {
        case part(MultipartPart)
        /// Some of the part's bytes; there may be any number of these.
        case bytes([UInt8])
        case partEnd
    }

    static let maximumHeaderBytes = 16_384
    static let maximumParts = 1_000

    private enum State {
        case preamble
        /// Behind a boundary: `--` ends the body, a line break begins a part.
        case boundary
        case headers
        case body
        case epilogue
    }

    /// With the line break that belongs to it.
    private let delimiter: [UInt8]
    // The first boundary needs no line break before it, so one is put there.
    private var buffer: [UInt8] = [0x0D, 0x0A]
    private var state = State.preamble
    /// The buffer starts with the line break that was put before a part's bytes.
    private var skipsLineBreak = false
    private var parts = 0

    /// - Parameter contentType: the value of the request's Content-Type.
    init(contentType: String) throws(MultipartError) {
        let parameters = Self.parameters(contentType)
        guard let boundary = parameters["boundary"], (1...70).contains(boundary.utf8.count),
            boundary.utf8.allSatisfy({ (0x20...0x7E).contains($0) }), boundary.last != " "
        else { throw .badBoundary }
        delimiter = Array("\r\n--\(boundary)".utf8)
    }

    /// Takes the next piece of the body.
    mutating func feed(_ piece: some Sequence<UInt8>) throws(MultipartError) -> [Event] {
        guard state != .epilogue else { return [] }
        buffer.append(contentsOf: piece)
        var events: [Event] = []
        while try step(&events) {}
        return events
    }

    /// Call at the end of the body.
    func finish() throws(MultipartError) {
        guard state == .epilogue else { throw .truncated }
    }

    /// - Returns: false when more of the body is needed.
    private mutating func step(_ events: inout [Event]) throws(MultipartError) -> Bool {
        switch state {
        case .preamble:
            guard let found = position(of: delimiter) else {
                buffer.removeFirst(max(0, buffer.count - delimiter.count))
                return false
            }
            buffer.removeFirst(found + delimiter.count)
            state = .boundary
        case .boundary:
            guard buffer.count >= 2 else { return false }
            if buffer.starts(with: "--".utf8) {
                buffer.removeAll()
                state = .epilogue
                return false
            }
            // Padding may stand behind a boundary.
            let padding = buffer.prefix { $0 == 0x20 || $0 == 0x09 }.count
            guard padding <= Self.maximumHeaderBytes else { throw .headersTooLong }
            guard buffer.count >= padding + 2 else { return false }
            guard buffer[padding] == 0x0D, buffer[padding + 1] == 0x0A else {
                throw .badHeaders("no line break behind the boundary")
            }
            parts += 1
            guard parts <= Self.maximumParts else { throw .tooManyParts }
            buffer.removeFirst(padding)
            state = .headers
        case .headers:
            // The line break before the headers stays, so that "no headers" is an empty line too.
            guard let end = position(of: [0x0D, 0x0A, 0x0D, 0x0A]) else {
                guard buffer.count <= Self.maximumHeaderBytes else { throw .headersTooLong }
                return false
            }
            guard end <= Self.maximumHeaderBytes else { throw .headersTooLong }
            events.append(.part(try Self.part(buffer[..<end])))
            // Two bytes of the empty line stay: they may be the line break of the next boundary.
            buffer.removeFirst(end + 4)
            buffer.insert(contentsOf: [0x0D, 0x0A], at: 0)
            state = .body
            skipsLineBreak = true
        case .body:
            guard let found = position(of: delimiter) else {
                let ready = buffer.count - delimiter.count
                if ready > (skipsLineBreak ? 2 : 0) { emit(ready, &events) }
                return false
            }
            emit(found, &events)
            buffer.removeFirst(delimiter.count)
            events.append(.partEnd)
            state = .boundary
        case .epilogue: return false
        }
        return true
    }

    private mutating func emit(_ count: Int, _ events: inout [Event]) {
        let start = skipsLineBreak ? min(2, count) : 0
        if count > start { events.append(.bytes(Array(buffer[start..<count]))) }
        if skipsLineBreak, count < 2 { return }
        skipsLineBreak = false
        buffer.removeFirst(count)
    }

    private func position(of needle: [UInt8]) -> Int? {
        buffer.withUnsafeBytes { hay in
            needle.withUnsafeBytes { needle in
                guard let start = hay.baseAddress, let wanted = needle.baseAddress else { return nil }
                var offset = 0
                while offset + needle.count <= hay.count {
                    // Every needle starts with CR, which is rare in most files: memchr runs over the rest.
                    guard let found = memchr(start + offset, 0x0D, hay.count - needle.count - offset + 1) else {
                        return nil
                    }
                    offset = UnsafeRawPointer(found) - start
                    if memcmp(found, wanted, needle.count) == 0 { return offset }
                    offset += 1
                }
                return nil
            }
        }
    }

    // MARK: Headers

    private static func part(_ bytes: ArraySlice<UInt8>) throws(MultipartError) -> MultipartPart {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .badHeaders("they are not UTF-8") }
        var name: String?
        var fileName: String?
        var mediaType = "application/octet-stream"
        for line in text.split(separator: "\r\n") {
            guard let colon = line.unicodeScalars.firstIndex(of: ":") else {
                throw .badHeaders("a line without a colon")
            }
            let value = line[line.unicodeScalars.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            switch line[..<colon].lowercased() {
            case "content-disposition":
                guard value.lowercased().utf8.starts(with: "form-data".utf8) else {
                    throw .badHeaders("no form-data")
                }
                let parameters = parameters(value)
                name = parameters["name"]
                fileName = parameters["filename"]
            case "content-type": mediaType = TextLimit.mediaType.cut(value)
            default: break
            }
        }
        guard let name else { throw .badHeaders("a part without a name") }
        guard !name.hasNUL, fileName?.hasNUL != true, !mediaType.hasNUL else { throw .nul(field: name.withoutNUL) }
        return MultipartPart(
            name: name, fileName: fileName.map { $0.isEmpty ? "" : FileName.shown($0) }, mediaType: mediaType)
    }

    /// The parameters of a header's value; browsers write `%22`, older programs `\"` for a quote inside quotes.
    ///
    /// Read by scalars: a mark behind a quote or a semicolon must not hide it.
    private static func parameters(_ value: String) -> [String: String] {
        var parameters: [String: String] = [:]
        var rest = value.unicodeScalars[...].drop { $0 != ";" }
        while rest.first == ";" {
            rest = rest.dropFirst().drop { $0 == " " || $0 == "\t" }
            let name = String(rest.prefix { $0 != "=" && $0 != ";" }).lowercased()
            rest = rest.drop { $0 != "=" && $0 != ";" }
            guard rest.first == "=" else { continue }
            rest = rest.dropFirst()
            var text = String.UnicodeScalarView()
            if rest.first == "\"" {
                rest = rest.dropFirst()
                while let scalar = rest.popFirst(), scalar != "\"" {
                    if scalar == "\\", let next = rest.first, next == "\"" || next == "\\" {
                        text.append(next)
                        rest = rest.dropFirst()
                    } else {
                        text.append(scalar)
                    }
                }
                rest = rest.drop { $0 != ";" }
            } else {
                text.append(contentsOf: rest.prefix { $0 != ";" })
                text = String(text).trimmingCharacters(in: .whitespaces).unicodeScalars
                rest = rest.drop { $0 != ";" }
            }
            if parameters[name] == nil { parameters[name] = unescaped(text) }
        }
        return parameters
    }

    /// `%22`, `%0D` and `%0A` as HTML's form encoding writes a quote and line ends in names.
    private static func unescaped(_ text: String.UnicodeScalarView) -> String {
        let codes: [[UInt8]: UInt8] = [
            Array("%22".utf8): 0x22, Array("%0D".utf8): 0x0D, Array("%0A".utf8): 0x0A,
        ]
        var bytes: [UInt8] = []
        var rest = Array(String(text).utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let code = codes[[byte] + rest.prefix(2)] {
                bytes.append(code)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
