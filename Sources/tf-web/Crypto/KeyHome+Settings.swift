import TFConfiguration
import TFStore

extension KeyHome {
    init(of store: Store, _ settings: Settings) async throws {
        try await self.init(of: store, data: settings.data, masterKey: settings.masterKeyFile)
    }
}
