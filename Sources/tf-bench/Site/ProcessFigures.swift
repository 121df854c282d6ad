import Foundation

/// What the kernel knows of a running process. Source: proc(5).
struct ProcessFigures {
    let id: Int32

    /// Seconds of processor time, of all its threads.
    func processorTime() throws -> Double {
        let stat = try String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)
        // The second field is the name in parentheses, which may have blanks.
        let fields = stat[stat.index(after: stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Megabytes: what is private to it and written, and all that is in memory.
    func memory() throws -> (privateDirty: Double, resident: Double) {
        let rollup = try String(contentsOfFile: "/proc/\(id)/smaps_rollup", encoding: .utf8)
        func sum(_ name: String) -> Double {
            rollup.split(separator: "\n").filter { $0.hasPrefix(name) }.reduce(0) { sum, line in
                sum + (Double(line.split(separator: " ").dropFirst().first ?? "0") ?? 0) / 1_024
            }
        }
        return (sum("Private_Dirty:"), sum("Rss:"))
    }
}

/// The machine on which the figures were measured.
enum Machine {
    static var description: String {
        let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let model = info.split(separator: "\n").first { $0.hasPrefix("model name") }
            .flatMap { $0.split(separator: ":").last }?.trimmingCharacters(in: .whitespaces)
        let memory = Double(ProcessInfo.processInfo.physicalMemory) / 1_073_741_824
        return
            "\(ProcessInfo.processInfo.activeProcessorCount) cores (\(model ?? "unknown")), \(Int(memory.rounded())) GiB"
    }

    /// Durable writes a second of the disk on which a directory is: 4 KiB appended and synced, one after the other, for 2 s.
    static func syncs(in directory: String) throws -> Double {
        let path = "\(directory)/sync"
        defer { unlink(path) }
        let file = open(path, O_CREAT | O_WRONLY | O_APPEND, 0o600)
        guard file >= 0 else { throw BenchError.failed("opening \(path)") }
        defer { close(file) }
        let block = [UInt8](repeating: 1, count: 4_096)
        let start = ContinuousClock.now
        var count = 0
        while start.duration(to: .now) < .seconds(2) {
            guard write(file, block, block.count) == block.count, fdatasync(file) == 0 else {
                throw BenchError.failed("writing \(path)")
            }
            count += 1
        }
        return Double(count) / (start.duration(to: .now) / .seconds(1))
    }
}
