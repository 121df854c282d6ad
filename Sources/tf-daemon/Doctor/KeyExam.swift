import COpenSSL
import Foundation
import TFConfiguration
import TFExpression
import TFStore
import TFSystem

/// The site's keys, where they are: that all are there, whole, and for their owner alone.
struct KeyExam {
    private static let fromBackup = "restore it from a backup (keys/ in it)"
    private static let renewed = "or, if it is lost for good, run: tf-web keys renew --yes"
    private static let restore = "\(fromBackup), \(renewed); until then tf-web does not start"
    /// Only tf-daemon needs the key that seals the companies' secrets.
    private static let restoreSecretsKey =
        "\(fromBackup); until then tf-daemon does not start, and nobody sets a secret"
    private static let restoreStates =
        "\(fromBackup) before tf-web starts, which makes new keys for signing: sessions go on"

    let store: Store
    let settings: Settings

    func findings() async -> [Finding] {
        do {
            let home = try await KeyHome.existing(of: store, data: settings.data, masterKey: settings.masterKeyFile)
            guard let home, case let keys = try await home.look(), KeyHome.isBegun(keys) else {
                return [try await none()]
            }
            let faults = Self.faults(of: keys, in: home) + (try await token(in: home))
            return faults.isEmpty ? [.ok("keys", "\(keys.count) \(place), whole")] : faults
        } catch let error as MasterKeyError {
            return [.fault("keys", error.problem, remedy: MasterKeyError.remedy)]
        } catch let error as FileFailure {
            return [.fault("keys", "\(error)", remedy: Self.remedy(for: error))]
        } catch {
            return [.fault("keys", "\(error)", remedy: "see the lines of the store")]
        }
    }

    /// What no keys mean: a first start that is still to come, or a loss.
    private func none() async throws -> Finding {
        guard try await store.read({ try $0.dependsOnSecret(now: WallClock.now()) }) else {
            return .note("keys", "tf-web has none yet", remedy: "it makes them at its first start")
        }
        let place = settings.storeURL == nil ? settings.data + "/keys" : "the store"
        return .fault(
            "keys", "\(place) has none, and sessions and second factors depend on them", remedy: Self.restore)
    }

    private static func remedy(for failure: FileFailure) -> String {
        switch failure {
        case .readableByOthers: "then make new keys if others may have read them"
        case .refused(_, _, EACCES), .refused(_, _, EPERM):
            "give it back to the owner of the data directory (chown, chmod u+rw); it needs no new keys"
        case .refused: "see the disk; if the file cannot be read again, \(restore)"
        }
    }

    private var place: String {
        settings.storeURL == nil
            ? "files, for their owner alone"
            : "in the store, which the master key in \(settings.masterKeyFile) opens"
    }

    private static func faults(of keys: KeyHome.Keys, in home: KeyHome) -> [Finding] {
        func broken(_ name: String, _ what: String, remedy: String = KeyExam.restore) -> Finding {
            .fault("keys", "\(home.place(of: name)) \(what)", remedy: remedy)
        }
        var faults: [Finding] = []
        if let bytes = keys[KeyHome.secret] {
            if bytes.count != SealingKey.length { faults.append(broken(KeyHome.secret, "is cut off or was changed")) }
        } else {
            faults.append(broken(KeyHome.secret, "is missing"))
        }
        // That a secret cannot be opened is told of the secrets.
        if let bytes = keys[KeyHome.companies], bytes.count != SealingKey.length {
            faults.append(broken(KeyHome.companies, "is cut off or was changed", remedy: restoreSecretsKey))
        }
        guard let bytes = keys[KeyHome.states] else {
            return faults + [
                .fault("keys", "\(home.place(of: KeyHome.states)) is missing", remedy: restoreStates)
            ]
        }
        guard let states = (try? JSON(parsing: bytes))?.objectValue else {  // whatever it is instead
            return faults + [broken(KeyHome.states, "is cut off or was changed")]
        }
        for name in states.map(\.key).sorted().map(KeyHome.signing) {
            guard let pem = keys[name] else {
                faults.append(broken(name, "is missing"))
                continue
            }
            if !isPrivateKey(pem) { faults.append(broken(name, "is cut off or was changed")) }
        }
        return faults
    }

    private static func isPrivateKey(_ pem: [UInt8]) -> Bool {
        guard let text = BIO_new_mem_buf(pem, Int32(pem.count)) else { return false }
        defer { BIO_free(text) }
        guard let key = PEM_read_bio_PrivateKey(text, nil, nil, nil) else { return false }
        EVP_PKEY_free(key)
        return true
    }

    /// The metrics' token is read even if others can read it as well.
    private func token(in home: KeyHome) async throws -> [Finding] {
        guard settings.storeURL == nil, try await home.key(KeyHome.metricsToken) != nil else { return [] }
        do throws(FileFailure) { _ = try PrivateFile.read(home.place(of: KeyHome.metricsToken)) } catch {
            return [.fault("keys", "\(error)", remedy: "then make another token: tf-daemon metrics-token set")]
        }
        return []
    }
}
