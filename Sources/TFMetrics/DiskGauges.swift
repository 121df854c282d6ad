import TFConfiguration
import TFSystem

/// The figures of the data directory, which both programs serve.
package enum DiskGauges {
    private static let store = MetricRegistry.Family("tf_store_bytes", .gauge, "Size of the store's file.")
    private static let log = MetricRegistry.Family(
        "tf_store_log_bytes", .gauge, "Size of the store's write-ahead log.")
    private static let free = MetricRegistry.Family(
        "tf_disk_free_bytes", .gauge, "Room that is left on the disk of the data directory.")

    package static let families = [store, log, free]

    package static func read(data: String) -> [MetricsServer.Gauge] {
        [
            (store, [:], Double(DiskSpace.length(of: data + "/store.db"))),
            (log, [:], Double(DiskSpace.length(of: data + "/store.db-wal"))),
        ] + (DiskSpace(at: data).map { [(free, [:], Double($0.free))] } ?? [])
    }
}
