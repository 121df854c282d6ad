import Testing

@testable import tf_web

@Suite struct ErasurePreviewTests {
    @Test func `of many lines of one kind twenty are shown, and how many more there are`() {
        let lines = (1...23).map { "still open   #\($0)" }
        #expect(UserCommand.Erase.few(lines) == Array(lines.prefix(20)) + ["             and 3 more"])
        #expect(UserCommand.Erase.few(Array(lines.prefix(20))) == Array(lines.prefix(20)))
    }
}
