import ArgumentParser
import TFConfiguration
import TFStore

/// Opens a store that exists, runs the body, and closes the store.
/// - Parameter onlyReading: whether the store is left as it is; else it is brought up to date.
func withStore<Value>(
    _ settings: Settings, onlyReading: Bool = false, _ body: (Store) async throws -> Value
) async throws -> Value {
    let store =
        try onlyReading
        ? Store(reading: settings.data, at: StoreLocation(settings.storeURL), baseURL: settings.baseURL)
        : existingStore(settings)
    do {
        let value = try await body(store)
        try store.close()
        return value
    } catch {
        try store.close()
        throw error
    }
}

/// Opens a store that exists, and brings it up to date. What a command changes, it does in the name of who runs it.
/// - Throws: `StoreOpenError`, also if there is none: only the programs themselves and the first commands of a site make it.
func existingStore(_ settings: Settings) throws -> Store {
    let location = StoreLocation(settings.storeURL)
    try Store.demand(in: settings.data, at: location)
    return try Store(
        directory: settings.data, at: location, baseURL: settings.baseURL, upgradeBackups: settings.upgradeBackups,
        waiting: { StandardError.write($0 + "\n") }
    )
    .acting(for: .commandLine)
}

/// The company of this slug.
/// - Throws: `UnknownName` if there is none.
func knownCompany(_ slug: String, in store: Store) async throws -> Company {
    guard let company = try await store.read({ try $0.company(slug) }) else {
        let known = try await store.read { try $0.companies() }.map(\.slug).joined(separator: ", ")
        throw UnknownName("there is no company \"\(slug)\"" + (known.isEmpty ? "" : "; there is \(known)"))
    }
    return company
}

/// Ends a command with exit status 1 and a sentence on standard error.
func fail(_ sentence: String) throws -> Never {
    StandardError.write("\(sentence)\n")
    throw ExitCode(1)
}
