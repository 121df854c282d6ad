import Foundation

/// Splits a `multipart/form-data` body (RFC 7578, RFC 2046 chapter 5.1) into parts as it arrives, in pieces of any
/// size. Holds at most one piece and one boundary in memory.
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
        /// After a boundary: `--` ends the body, a line break begins a part.
        case boundary
        case headers
        case body
        case epilogue
    }

    /// The boundary, with the line break that comes before it.
    private let delimiter: [UInt8]
    // The first boundary needs no line break before it, so the buffer starts with one.
    private var buffer: [UInt8] = [0x0D, 0x0A]
    private var state = State.preamble
    /// Whether the buffer starts with the line break that was inserted before a part's bytes.
    private var skipsLineBreak = false
    private var parts = 0

    /// - Parameter contentType: the value of the request's Content-Type.
    init(contentType: String) throws(MultipartError) {
        let parameters = HeaderParameters.read(contentType)
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
    /// - Throws: `truncated` if the closing boundary has not come.
    func finish() throws(MultipartError) {
        guard state == .epilogue else { throw .truncated }
    }

    /// - Returns: false when more of the body is needed.
    private mutating func step(_ events: inout [Event]) throws(MultipartError) -> Bool {
        switch state {
        case .preamble: skipPreamble()
        case .boundary: try readBoundary()
        case .headers: try readHeaders(&events)
        case .body: readBody(&events)
        case .epilogue: false
        }
    }

    private mutating func skipPreamble() -> Bool {
        guard let index = position(of: delimiter) else {
            buffer.removeFirst(max(0, buffer.count - delimiter.count))
            return false
        }
        buffer.removeFirst(index + delimiter.count)
        state = .boundary
        return true
    }

    private mutating func readBoundary() throws(MultipartError) -> Bool {
        guard buffer.count >= 2 else { return false }
        if buffer.starts(with: "--".utf8) {
            buffer.removeAll()
            state = .epilogue
            return false
        }
        // Spaces and tabs may follow a boundary.
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
        return true
    }

    private mutating func readHeaders(_ events: inout [Event]) throws(MultipartError) -> Bool {
        // The line break before the headers stays, so that "no headers" is an empty line too.
        guard let end = position(of: [0x0D, 0x0A, 0x0D, 0x0A]) else {
            guard buffer.count <= Self.maximumHeaderBytes else { throw .headersTooLong }
            return false
        }
        guard end <= Self.maximumHeaderBytes else { throw .headersTooLong }
        events.append(.part(try MultipartPart(headers: buffer[..<end])))
        // Two bytes of the empty line stay: they may be the line break of the next boundary.
        buffer.removeFirst(end + 4)
        buffer.insert(contentsOf: [0x0D, 0x0A], at: 0)
        state = .body
        skipsLineBreak = true
        return true
    }

    private mutating func readBody(_ events: inout [Event]) -> Bool {
        guard let index = position(of: delimiter) else {
            let ready = buffer.count - delimiter.count
            if ready > (skipsLineBreak ? 2 : 0) { emit(ready, &events) }
            return false
        }
        emit(index, &events)
        buffer.removeFirst(delimiter.count)
        events.append(.partEnd)
        state = .boundary
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
                    guard let index = memchr(start + offset, 0x0D, hay.count - needle.count - offset + 1) else {
                        return nil
                    }
                    offset = UnsafeRawPointer(index) - start
                    if memcmp(index, wanted, needle.count) == 0 { return offset }
                    offset += 1
                }
                return nil
            }
        }
    }
}
