import Foundation
import Testing

@testable import tf_daemon

@Suite struct TopTests {
    @Test(arguments: [
        ("q", [RawTerminal.Key.character("q")]), ("\u{1B}[A\u{1B}[B2", [.up, .down, .character("2")]),
        ("\u{3}", [.character("q")]), ("\u{1B}[C", []), ("pr", [.character("p"), .character("r")]), ("", []),
    ])
    func `keys are read from what a terminal sends`(_ text: String, _ keys: [RawTerminal.Key]) {
        #expect(RawTerminal.keys(in: Array(text.utf8)) == keys)
    }

    @Test(arguments: [
        ("redis does not answer", 21, "redis does not answer"), ("redis does not answer", 20, "redis does not…"),
        ("a ████████████", 8, "a █████…"), ("word", 0, "…"),
    ])
    func `a line that is too long ends with a whole word`(_ line: String, _ width: Int, _ shown: String) {
        #expect(TopView.fitted(line, width) == shown)
    }
}
