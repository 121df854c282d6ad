import Foundation
import TFSystem
import TestSupport
import Testing

@Suite struct RunningProcessTests {
    @Test func `the process is named that has a byte of a file locked, as long as it has`() async throws {
        let path = TestFolder.path("locked")
        try Data().write(to: URL(fileURLWithPath: path))
        let script = """
            import fcntl, sys, time
            file = open(sys.argv[1], "r+")
            fcntl.lockf(file, fcntl.LOCK_EX, 2, 119)
            time.sleep(3600)
            """
        let process = ProcessBox()
        defer { process.stop() }
        try process.start("/usr/bin/env", ["python3", "-c", script, path])
        let holder = try await eventually("it is locked") { RunningProcess.lockHolder(of: path, byte: 120) }
        #expect(holder.name?.hasPrefix("python3") == true)
        #expect(!holder.isStopped)
        for byte: Int64 in [118, 121] { #expect(RunningProcess.lockHolder(of: path, byte: byte) == nil) }
        #expect(RunningProcess.lockHolder(of: path + ".none", byte: 120) == nil)
        process.signal(SIGSTOP)
        _ = try await eventually("it is stopped") { holder.isStopped ? true : nil }
        process.signal(SIGCONT)
        process.kill()
        #expect(RunningProcess.lockHolder(of: path, byte: 120) == nil)
        #expect(holder.name == nil)
    }
}
