import Foundation
import Synchronization
import TFConfiguration
import TFSystem

/// A progress line on the terminal, written over again and again. Without a terminal it shows nothing.
final class ProgressLine: Sendable {
    private struct Shown {
        var width = 0
        /// When bytes or rows were last shown.
        var at: ContinuousClock.Instant?
    }

    /// Bytes and rows are shown again after this time.
    private static let interval = Duration.milliseconds(100)

    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let shown = Mutex(Shown())

    func show(_ what: String, _ done: Int, _ all: Int) {
        // With few files the check is done before anybody could read the line.
        guard isTerminal, all >= 500 else { return }
        write("\(what): \(done) of \(all) files (\(done * 100 / all) %)")
    }

    /// - Parameter all: of how many bytes; nil: not known.
    func show(_ what: String, bytes done: Int64, of all: Int64?) {
        guard isTerminal, isDue() else { return }
        let of = all.map { " of \(ByteCount.text($0)) (\(done * 100 / max(1, $0)) %)" } ?? ""
        write("\(what): \(ByteCount.text(done))\(of)")
    }

    /// - Parameter rate: how many a second.
    func show(_ what: String, rows done: Int, rate: Int) {
        guard isTerminal, isDue() else { return }
        write("\(what): \(done) rows (\(rate) a second)")
    }

    /// - Parameter begin: when the wait began.
    func show(_ what: String, since begin: ContinuousClock.Instant) {
        guard isTerminal, isDue() else { return }
        write("\(what) (\(begin.duration(to: .now).components.seconds) s)")
    }

    private func isDue() -> Bool {
        shown.withLock { shown in
            let now = ContinuousClock.now
            if let at = shown.at, at + Self.interval > now { return false }
            shown.at = now
            return true
        }
    }

    func clear() {
        if isTerminal, shown.withLock({ $0.width }) > 0 { write("") }
    }

    private func write(_ text: String) {
        let padding = shown.withLock { shown in
            defer { shown.width = text.count }
            return max(0, shown.width - text.count)
        }
        let blanks = String(repeating: " ", count: padding)
        StandardError.write("\r\(text)\(blanks)\(text.isEmpty ? "\r" : "")")
    }
}
