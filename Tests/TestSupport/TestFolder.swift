import Foundation
import Glibc
import Synchronization

/// The folder of this test process in the system's temporary one. Whatever a test writes lies in it, and it goes when
/// the process ends.
package enum TestFolder {
    /// A name in the folder that no other test has; nothing is there yet.
    /// - Parameters:
    ///   - kind: what the name begins with, for whoever looks at it. A short one: a socket's path has room for 103
    ///     bytes.
    ///   - suffix: what it ends with, such as the ending of a file's name.
    package static func path(_ kind: String, suffix: String = "") -> String {
        let number = count.withLock { count in
            count += 1
            return count
        }
        return "\(root)/\(kind)-\(number)\(suffix)"
    }

    /// Also the temporary directory of the programs that tests start.
    package static let root: String = {
        if let parent {
            let path = "\(parent)/\(getpid())"
            make(path)
            return path
        }
        // The number alone is not enough: a process that crashed left its folder, and numbers come again.
        let path = "\(NSTemporaryDirectory())\(name(of: getpid()))\(UInt16.random(in: 0...UInt16.max))"
        make(path)
        atexit { TestFolder.remove() }
        return path
    }()

    /// The folder of the process that started this one to see it die. What dies takes nothing away, so its own folder
    /// lies in that one.
    private static var parent: String? {
        let folders = try? FileManager.default.contentsOfDirectory(atPath: NSTemporaryDirectory())
        return folders?.first { $0.hasPrefix(name(of: getppid())) }.map { NSTemporaryDirectory() + $0 }
    }

    private static func name(of process: pid_t) -> String { "tf-tests-\(process)-" }

    private static func make(_ path: String) {
        // As open as the system's own: what others may read is decided by what is tested.
        guard mkdir(path, 0o755) == 0 else { preconditionFailure("\(path): \(String(cString: strerror(errno)))") }
    }

    /// What a test left running may still make or take away a file while the folder is gone through, and then it cannot
    /// go: once more, for two seconds in all. Whoever runs the tests is told what stays after that.
    private static func remove() {
        for _ in 0..<40 {
            do { return try FileManager.default.removeItem(atPath: root) } catch { usleep(50_000) }
        }
    }

    private static let count = Mutex(0)
}
