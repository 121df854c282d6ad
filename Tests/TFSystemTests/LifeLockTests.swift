import Foundation
import TFSystem
import TestSupport
import Testing

@Suite struct LifeLockTests {
    private func file() throws -> String {
        let directory = TestFolder.path("locks")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        return directory + "/daemon.lock"
    }

    @Test func `each holder is seen by the others until it ends`() throws {
        let path = try file()
        let (first, second) = (try LifeLock(path), try LifeLock(path))
        #expect(first.isHeld(second.number) && second.isHeld(first.number) && first.isHeld(first.number))
        second.release()
        #expect(!first.isHeld(second.number))
        #expect(try LifeLock(path).isHeld(first.number))
        #expect(!first.isHeld(12))
        #expect(LifeLock.isHeld(first.number, in: path) && !LifeLock.isHeld(12, in: path))
        #expect(!LifeLock.isHeld(12, in: path + ".none"))
        #expect(LifeLock.isAnyHeld(in: path) && !LifeLock.isAnyHeld(in: path + ".none"))
        first.release()
        #expect(!LifeLock.isAnyHeld(in: path))
    }

    @Test func `another process sees a holder, and that it was killed`() async throws {
        let path = try file()
        let own = try LifeLock(path)
        let process = ProcessBox()
        // Byte 5 of the file, locked by the open file as ours is.
        let script = """
            import fcntl, struct, sys, time
            file = open(sys.argv[1], "r+")
            fcntl.fcntl(file, 37, struct.pack("hhqqi", fcntl.F_WRLCK, 0, 5, 1, 0))
            time.sleep(3600)
            """
        try process.start("/usr/bin/env", ["python3", "-c", script, path])
        _ = try await eventually("it is locked") { own.isHeld(5) ? true : nil }
        process.kill()
        #expect(!own.isHeld(5))
    }
}
