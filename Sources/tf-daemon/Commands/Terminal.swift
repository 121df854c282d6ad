import Glibc

/// The terminal to which a command writes.
enum Terminal {
    /// The width in characters; 100 if standard output is not a terminal.
    static var width: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
        return Int(size.ws_col)
    }
}
