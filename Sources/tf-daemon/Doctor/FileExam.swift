import COpenSSL
import Foundation
import TFConfiguration
import TFExpression
import TFStore
import TFSystem

/// The directories, the disk, the certificate and the backup.
struct FileExam {
    private static let day: Int64 = 86_400_000
    /// A backup that is older is missing.
    static let oldestBackup = 2 * day
    /// A certificate that ends earlier wants renewal now.
    private static let leastValidity = 14 * day

    let settings: Settings
    let now: Int64

    func findings() -> [Finding] {
        var findings = [directory] + entries + [disk, definitions]
        if let certificate { findings.append(certificate) }
        findings.append(backup)
        return findings
    }

    private var directory: Finding {
        var status = stat()
        guard stat(settings.data, &status) == 0 else {
            return .fault(
                "data", "\(settings.data): \(String(cString: strerror(errno)))",
                remedy: "name the data directory with --data or TF_DATA; the programs make it at their first start")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            return .fault(
                "data", "\(settings.data) is no directory", remedy: "remove it, or name another data directory")
        }
        guard status.st_uid == geteuid() else {
            let owner = getpwuid(status.st_uid).map { String(cString: $0.pointee.pw_name) } ?? "\(status.st_uid)"
            return .fault("data", "\(settings.data) belongs to \(owner)", remedy: "run this as \(owner)")
        }
        guard status.st_mode & 0o077 == 0 else {
            return .fault("data", "others can look into \(settings.data)", remedy: "run: chmod 700 \(settings.data)")
        }
        guard access(settings.data, R_OK | W_OK | X_OK) == 0 else {
            let code = errno
            return .fault(
                "data", "\(settings.data) cannot be written to: \(String(cString: strerror(code)))",
                remedy: code == EACCES
                    ? "run: chmod u+rwX \(settings.data)" : "mount its disk with rw, or name another directory")
        }
        return .ok("data", "\(settings.data), for its owner alone")
    }

    /// The files in the data directory that are of no use to the programs as they are.
    private var entries: [Finding] {
        guard directory.verdict == .ok else { return [] }
        return DataDirectory.faults(in: settings.data).map { fault in
            guard case .unsafe(let path, let problem, let remedy) = fault else {
                return .fault("data", "\(fault)", remedy: "see the owner and the mode of what is in it")
            }
            return .fault("data", "\(path) \(problem)", remedy: remedy)
        }
    }

    private var disk: Finding {
        guard let space = DiskSpace(at: settings.data) else {
            return .note("disk", "tells no free room", remedy: "look after it yourself")
        }
        let text = "\(ByteCount.text(space.free)) free of \(ByteCount.text(space.total))"
        guard space.free >= SiteCondition.leastFree else {
            return .fault("disk", text, remedy: "make room: without any, nothing is accepted")
        }
        return space.free < space.total / 10 ? .note("disk", text, remedy: "make room soon") : .ok("disk", text)
    }

    private var definitions: Finding {
        if let problem = DefinitionsDirectory.problem(settings.definitions) {
            return .fault("definitions", problem, remedy: DefinitionsDirectory.remedy)
        }
        guard access(settings.definitions, W_OK) == 0 else {
            let reason = String(cString: strerror(errno))
            return .note(
                "definitions", "\(settings.definitions) cannot be written to: \(reason)",
                remedy: "leave it so if people only edit the files; what pages save is written there")
        }
        return .ok("definitions", settings.definitions)
    }

    private var backup: Finding {
        // What an earlier record in this directory noted says nothing of the one there is now.
        guard settings.storeURL == nil else {
            return .note(
                "backup", "not looked at here: the record is in PostgreSQL",
                remedy: "see that pg_dump or pg_basebackup runs, and that the master key's file is kept elsewhere")
        }
        guard let backup = LastBackup(of: settings.data) else {
            return .note(
                "backup", "none was made here",
                remedy: "run: tf-daemon backup DIRECTORY, or enable tf-backup.timer")
        }
        let text = "\(SiteCondition.age(now - backup.atMs)) old, \(ByteCount.text(backup.length)) in \(backup.path)"
        guard now - backup.atMs <= Self.oldestBackup else {
            return .fault("backup", text, remedy: "run tf-daemon backup, and see why its timer does not")
        }
        guard access(backup.path, F_OK) == 0 else {
            return .note("backup", text + ", which is not there now", remedy: "see that it is kept elsewhere")
        }
        return .ok("backup", text)
    }

    // MARK: The certificate

    private var certificate: Finding? {
        guard let (path, keyPath) = settings.tls else { return nil }
        guard let end = Self.end(of: path) else {
            return .fault("tls.cert", "\(path) holds no certificate", remedy: "put one in PEM there")
        }
        guard Self.fits(keyPath, to: path) else {
            return .fault(
                "tls.key", "\(keyPath) is not the key of the certificate \(path)",
                remedy: "name the certificate's own private key, in PEM and without a passphrase")
        }
        let text = "\(path) is valid until \(Moment.iso8601(end))"
        guard end - now > Self.leastValidity else {
            return .fault("tls.cert", text, remedy: "renew it and restart tf-web, which reads it at its start")
        }
        return .ok("tls.cert", text)
    }

    /// Whether a file holds the private key of the first certificate of another.
    private static func fits(_ keyPath: String, to path: String) -> Bool {
        guard let file = BIO_new_file(path, "r") else { return false }
        defer { BIO_free(file) }
        guard let certificate = PEM_read_bio_X509(file, nil, nil, nil) else { return false }
        defer { X509_free(certificate) }
        guard let keyFile = BIO_new_file(keyPath, "r") else { return false }
        defer { BIO_free(keyFile) }
        // A passphrase would be asked for on the terminal: none is given.
        guard let key = PEM_read_bio_PrivateKey(keyFile, nil, { _, _, _, _ in 0 }, nil) else { return false }
        defer { EVP_PKEY_free(key) }
        return X509_check_private_key(certificate, key) == 1
    }

    /// When the first of a file's certificates ends, in milliseconds since 1970; nil: there is none.
    private static func end(of path: String) -> Int64? {
        guard let file = BIO_new_file(path, "r") else { return nil }
        defer { BIO_free(file) }
        var end: Int64?
        while let certificate = PEM_read_bio_X509(file, nil, nil, nil) {
            defer { X509_free(certificate) }
            var parts = tm()
            guard ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) == 1 else { continue }
            end = min(end ?? .max, Int64(timegm(&parts)) * 1_000)
        }
        return end
    }
}
