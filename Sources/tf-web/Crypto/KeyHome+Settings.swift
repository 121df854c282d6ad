import TFConfiguration
import TFStore

extension KeyHome {
    init(of store: Store, _ settings: Settings) async throws {
        try await self.init(of: store, data: settings.data, masterKey: settings.masterKeyFile)
    }

    /// The same without making anything.
    /// - Returns: nil if no key was sealed yet.
    static func existing(of store: Store, _ settings: Settings) async throws -> KeyHome? {
        try await existing(of: store, data: settings.data, masterKey: settings.masterKeyFile)
    }
}
