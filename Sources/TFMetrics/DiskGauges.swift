import TFConfiguration
import TFSystem

/// The figures of the data directory, which both programs serve.
package enum DiskGauges {
    private static let store = MetricRegistry.Family(
        "tf_store_bytes", .gauge, "Size of the store's file, or of its database on PostgreSQL.")
    private static let log = MetricRegistry.Family(
        "tf_store_log_bytes", .gauge, "Size of the store's write-ahead log; 0 on PostgreSQL, which looks after its own."
    )
    private static let free = MetricRegistry.Family(
        "tf_disk_free_bytes", .gauge, "Room that is left on the disk of the data directory.")

    package static let families = [store, log, free]

    /// - Parameters:
    ///   - storeBytes: the size of the store.
    ///   - logBytes: the size of its log; nil: it is PostgreSQL's.
    ///   - data: the data directory.
    package static func read(storeBytes: Int64, logBytes: Int64?, data: String) -> [MetricsServer.Gauge] {
        [(store, [:], Double(storeBytes)), (log, [:], Double(logBytes ?? 0))]
            + (DiskSpace(at: data).map { [(free, [:], Double($0.free))] } ?? [])
    }
}
