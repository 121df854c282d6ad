import Foundation
import Testing

/// A terminal with a program on it and nobody before it: the test presses the keys and reads the screen.
final class PseudoTerminal {
    /// What the program has as its standard input and output.
    let programSide: FileHandle
    private let testSide: FileHandle
    /// All that the program has written.
    private var written: [UInt8] = []

    init(columns: UInt16 = 120, rows: UInt16 = 50) throws {
        var (test, program): (Int32, Int32) = (-1, -1)
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        let isMade = openpty(&test, &program, nil, nil, &size) == 0
        try #require(isMade, "\(String(cString: strerror(errno)))")
        testSide = FileHandle(fileDescriptor: test, closeOnDealloc: true)
        programSide = FileHandle(fileDescriptor: program, closeOnDealloc: true)
        for side in [test, program] { _ = fcntl(side, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(test, F_SETFL, O_NONBLOCK)
    }

    func press(_ keys: String) throws {
        let bytes = Array(keys.utf8)
        let count = Glibc.write(testSide.fileDescriptor, bytes, bytes.count)
        try #require(count == bytes.count)
    }

    /// Whether keys are shown as they are pressed and reach the program with the line's end, as before a shell.
    var isAsFound: Bool {
        var settings = termios()
        let flags = tcflag_t(ICANON | ECHO | ISIG)
        return tcgetattr(programSide.fileDescriptor, &settings) == 0 && settings.c_lflag & flags == flags
    }

    /// All that was written so far.
    var text: String {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        // Whoever writes waits while nobody reads.
        while true {
            let count = Glibc.read(testSide.fileDescriptor, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: written, as: UTF8.self) }
            written += buffer[..<count]
        }
    }

    /// The lines of the picture that was drawn last as a whole; none before the first.
    var picture: [String] {
        let text = text
        guard let end = text.range(of: "\u{1B}[J", options: .backwards)?.lowerBound,
            let start = text[..<end].range(of: "\u{1B}[H", options: .backwards)?.upperBound
        else { return [] }
        let lines = text[start..<end].components(separatedBy: "\u{1B}[K").dropLast()
        return lines.map { $0.trimmingCharacters(in: .newlines) }
    }
}
