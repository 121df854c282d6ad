import Foundation
import TestSupport

/// A program of somebody else that has a store locked, until it is stopped.
struct StoreLocker {
    private static let script = """
        import sqlite3, sys, time
        store = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=3600)
        if sys.argv[3] == "readers":
            store.execute("PRAGMA locking_mode = EXCLUSIVE")
        store.execute("BEGIN IMMEDIATE")
        open(sys.argv[2], "w").close()
        time.sleep(3600)
        """

    private let process = ProcessBox()

    var id: Int32 { process.id }

    /// Returns when the store is locked.
    /// - Parameter readers: whether nobody can read it either, which only works while no program uses it.
    static func lock(_ data: String, readers: Bool = false) async throws -> StoreLocker {
        let locker = StoreLocker()
        let mark = TestFolder.path("locked")
        try locker.process.start(
            "/usr/bin/env", ["python3", "-c", script, data + "/store.db", mark, readers ? "readers" : "writers"])
        _ = try await eventually("the store is locked") {
            FileManager.default.fileExists(atPath: mark) ? true : nil
        }
        unlink(mark)
        return locker
    }

    func stop() { process.kill() }
}
