import Foundation
import TFSystem
import TestSupport
import Testing

@testable import TFStore
@testable import tf_web

/// Files that come in with a form.
@Suite struct FileSinkTests {
    @Test func `a file that is safe and not wanted after all goes, and closes nothing of others`() async throws {
        let directory = TestFolder.path("sink")
        try PrivateFile.makeDirectory(directory)
        let files = try AttachmentFiles(directory: directory)
        var sink = try await FileSink(files: files)
        try await sink.write(Array("text".utf8))
        try await sink.finish()
        #expect(try String(contentsOfFile: files.path(sink.id), encoding: .utf8) == "text")
        // They are given the numbers that are free by now.
        let others = try (0..<8).map { try OpenFile(private: "\(directory)/\($0)", O_WRONLY) }
        await sink.abandon()
        for other in others {
            let isOpen = other.use { fcntl($0, F_GETFD) >= 0 }
            #expect(isOpen == true)
        }
        #expect(!FileManager.default.fileExists(atPath: files.path(sink.id)))
    }
}
