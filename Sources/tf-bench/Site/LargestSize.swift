import Foundation

/// The largest size of a file while something runs, looked at every 20 ms.
enum LargestSize {
    /// - Returns: in bytes; 0 as long as there is no file.
    static func of(_ path: String, while work: @Sendable () async throws -> Void) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                var largest = 0
                while !Task.isCancelled {
                    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
                    largest = max(largest, attributes?[.size] as? Int ?? 0)
                    try? await Task.sleep(for: .milliseconds(20))  // cancelled at the end
                }
                return largest
            }
            try await work()
            group.cancelAll()
            return try await group.next() ?? 0
        }
    }
}
