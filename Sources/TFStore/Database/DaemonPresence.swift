import Foundation
import TFSystem

/// Tells which daemons live that use the store, as far as the engine can know it.
///
/// All processes that use a SQLite file are on its machine, so each has a byte of a file locked as long as it lives. An
/// engine that serves several machines knows its clients by their leases alone, and says of nobody that they are gone.
package struct DaemonPresence: Sendable {
    private static let fileName = "daemon.lock"

    private let lock: LifeLock
    private let location: StoreLocation
    /// This process among all that use the store: its machine, its process id, its byte.
    package let name: String

    /// - Parameter directory: the data directory.
    /// - Throws: `FileFailure.refused`.
    package init(directory: String, at location: StoreLocation = .file) throws {
        self.location = location
        lock = try LifeLock("\(directory)/\(Self.fileName)")
        let process = ProcessInfo.processInfo
        name = "\(process.hostName) \(process.processIdentifier) \(lock.number)"
    }

    /// Whether the process with this name has certainly ended.
    package func isGone(_ name: String) -> Bool {
        guard location == .file, let number = name.split(separator: " ").last.flatMap({ Int64($0) }) else {
            return false
        }
        return !lock.isHeld(number)
    }

    /// Whether any daemon that uses the store lives on this machine.
    package static func isAnyLiving(directory: String) -> Bool { LifeLock.isAnyHeld(in: "\(directory)/\(fileName)") }

    /// The process of this machine that has this name and lives, for people who look from outside.
    package static func livingProcess(_ name: String, directory: String) -> Int32? {
        let parts = name.split(separator: " ")
        guard parts.count == 3, let process = Int32(parts[1]), let number = Int64(parts[2]),
            LifeLock.isHeld(number, in: "\(directory)/\(fileName)")
        else { return nil }
        return process
    }

    /// As the end of the process would do.
    package func leave() { lock.release() }
}
