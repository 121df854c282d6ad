import Foundation
import TFStore
import TFSystem
import TestSupport
import Testing

@testable import tf_web

/// Files that come in with a form.
@Suite struct FileSinkTests {
    private let directory = TestFolder.path("sink")

    private func company() async throws -> CompanyStore {
        let store = try await TestEngine.store(directory)
        let company = try await store.write {
            try $0.addCompany(slug: "acme", name: "Acme", timezone: "UTC", now: 1)
        }
        return store.inside(company.id)
    }

    @Test func `a file that is safe and not wanted after all goes, and closes nothing of others`() async throws {
        let company = try await company()
        var sink = try await FileSink(in: company, now: 1)
        try await sink.write(Array("text".utf8))
        try await sink.finish()
        #expect(try await company.site.keptContent(of: sink.id, in: company.company) == "text")
        // They are given the numbers that are free by now.
        let others = try (0..<8).map { try OpenFile(private: "\(directory)/\($0)", O_WRONLY) }
        await sink.abandon()
        for other in others {
            let isOpen = other.use { fcntl($0, F_GETFD) >= 0 }
            #expect(isOpen == true)
        }
        #expect(try await company.site.keptContent(of: sink.id, in: company.company) == nil)
    }

    @Test(.onBothEngines, arguments: [0, 1, CompanyStore.chunkBytes, 2 * CompanyStore.chunkBytes + 1])
    func `a file of any length is written in pieces and read back as it was`(_ length: Int) async throws {
        let company = try await company()
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        var sink = try await FileSink(in: company, now: 1)
        for start in stride(from: 0, to: length, by: 100_000) {
            try await sink.write(Array(bytes[start..<min(start + 100_000, length)]))
        }
        try await sink.finish()
        #expect(sink.size == length)
        let copy = TestFolder.path("copy")
        let key = AttachmentKey(company: company.company, id: sink.id)
        #expect(try await company.site.copyContent(of: key, size: length, to: copy))
        #expect(FileManager.default.contents(atPath: copy).map { Array($0) } == bytes)
    }
}
