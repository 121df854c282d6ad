import Testing

@testable import TFConfiguration

@Suite struct DescriptorsTests {
    @Test(arguments: [48, 64, 100, 128, 256, 512, 1_024, 4_096, 16_384])
    func `connections leave enough descriptors for the rest`(_ limit: Int) {
        let connections = Descriptors.connections(of: limit)
        #expect(connections >= 4)
        #expect(connections <= 1_000)
        #expect(limit - connections >= 44)
        #expect(3 * Descriptors.eventLoops(of: limit, cores: 128) <= limit / 8)
    }

    @Test func `a process is started only where its descriptors are free`() async throws {
        #expect(try await Descriptors.startingProcess { 7 } == 7)
        #expect(Descriptors.areFree(16))
        #expect(!Descriptors.areFree(Descriptors.limit + 1))
        // Afterwards all that was tried is closed again.
        #expect(Descriptors.areFree(16))
    }
}
