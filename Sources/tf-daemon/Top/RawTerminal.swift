import Glibc
import TFSystem

/// The terminal while a program draws on it: a screen of its own, and keys that come at once.
final class RawTerminal {
    enum Key: Equatable {
        case up
        case down
        case character(Character)
    }

    private static let enter = "\u{1B}[?1049h\u{1B}[?25l"
    private static let leave = "\u{1B}[?25h\u{1B}[?1049l"

    private var before = termios()

    /// nil: standard input or output is no terminal.
    init?() {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1, tcgetattr(STDIN_FILENO, &before) == 0 else {
            return nil
        }
        var raw = before
        // Ctrl-C comes as a key, too, so that the screen is always given back.
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        tcsetattr(STDIN_FILENO, TCSANOW, &raw)
        write(Self.enter)
    }

    func close() {
        write(Self.leave)
        tcsetattr(STDIN_FILENO, TCSANOW, &before)
    }

    /// Draws lines from the top, and clears what is below them.
    func show(_ lines: [String]) {
        write("\u{1B}[H" + lines.map { $0 + "\u{1B}[K\r\n" }.joined() + "\u{1B}[J")
    }

    var height: Int {
        var size = winsize()
        return ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_row > 0 ? Int(size.ws_row) : 24
    }

    /// The keys that were pressed since the last call.
    func keys() -> [Key] {
        var ready = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&ready, 1, 0) > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(STDIN_FILENO, &bytes, bytes.count)
        // The terminal is gone: as good as the key that ends.
        guard count > 0 else { return [.character("q")] }
        return Self.keys(in: Array(bytes.prefix(count)))
    }

    static func keys(in bytes: [UInt8]) -> [Key] {
        var keys: [Key] = []
        var rest = bytes[...]
        while let first = rest.first {
            if rest.starts(with: [0x1B, 0x5B]), rest.count >= 3 {
                switch rest[rest.startIndex + 2] {
                case UInt8(ascii: "A"): keys.append(.up)
                case UInt8(ascii: "B"): keys.append(.down)
                default: break
                }
                rest = rest.dropFirst(3)
            } else {
                // Ctrl-C, Ctrl-D.
                let isEnd = first == 3 || first == 4
                keys.append(.character(isEnd ? "q" : Character(Unicode.Scalar(first))))
                rest = rest.dropFirst()
            }
        }
        return keys
    }

    private func write(_ text: String) { RawBytes.write(Array(text.utf8), to: STDOUT_FILENO) }
}
