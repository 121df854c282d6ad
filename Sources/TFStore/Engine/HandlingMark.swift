import Foundation
import TFEngine
import TFSystem

/// Records in a file what the engine is handling at this moment, so that it is known after a crash.
///
/// A daemon that is ended by a signal cannot report the cause; the next daemon reads it here. The mark is written
/// before each event and cleared when the events are done, by `pwrite` without a sync: the kernel keeps it when the
/// process dies. A power cut may lose it, but is not the fault of an instance. What computes the next steps and what makes
/// requests work beside the transaction, and have marks of their own.
///
/// Each process that has the file open has a place of its own in it, which is locked as long as the process lives: where
/// several daemons work, none takes what another is handling for what somebody died of.
struct HandlingMark: Sendable {
    enum Subject: Sendable, Hashable {
        case instance(InstanceID)
        /// The definition whose schedule may start something.
        case schedule(DefinitionID)
    }

    /// The first letter of a record.
    private enum Letter: String {
        case instance = "i"
        case schedule = "s"
    }

    /// The size of the record: a letter, and a number of at most twenty digits.
    private static let length = 24

    /// What works side by side in a process, each with a record in the process's place.
    private enum Work: Int, CaseIterable {
        /// The engine's transactions.
        case transactions
        /// Steps that are computed before the transaction that takes them.
        case steps
        case requests
    }

    /// How many processes have a place of their own.
    private static let places: Range<Int64> = 0..<64

    private let file: OpenFile
    /// This process's place; nil: the mark is not kept.
    private let place: LifeLock?
    private let work: Work

    private init(_ file: OpenFile, _ place: LifeLock?, of work: Work = .transactions) {
        self.file = file
        self.place = place
        self.work = work
    }

    /// Opens the file, or makes it if it is missing. It stays open as long as the process runs.
    init(path: String) throws {
        self.init(try OpenFile(private: path, O_RDWR), try LifeLock(path, among: Self.places))
    }

    /// A mark that is not kept, for a store that is only read.
    init() { self.init(OpenFile(), nil) }

    /// The mark of what computes steps ahead.
    var ofSteps: HandlingMark { HandlingMark(file, place, of: .steps) }

    /// The mark of what makes requests.
    var ofRequests: HandlingMark { HandlingMark(file, place, of: .requests) }

    func set(_ subject: Subject) {
        switch subject {
        case .instance(let id): write("\(Letter.instance.rawValue)\(id)")
        case .schedule(let id): write("\(Letter.schedule.rawValue)\(id)")
        }
    }

    func clear() { write("") }

    /// What was being handled by processes that died meanwhile. It is forgotten: a crash before it is counted does no harm.
    func takeSubjects() -> [Subject] {
        guard let place else { return [] }
        var found: [Subject] = []
        for number in Self.places where number == place.number || !place.isHeld(number) {
            for work in Work.allCases {
                let start = Self.start(number, work)
                guard let subject = read(start) else { continue }
                if !found.contains(subject) { found.append(subject) }
                write("", at: start)
            }
        }
        return found
    }

    /// Where a record begins, in bytes.
    private static func start(_ place: Int64, _ work: Work) -> Int {
        (Int(place) * Work.allCases.count + work.rawValue) * length
    }

    private func read(_ start: Int) -> Subject? {
        let bytes = file.use { descriptor in
            var bytes = [UInt8](repeating: 0, count: Self.length)
            return pread(descriptor, &bytes, Self.length, start) > 1 ? bytes : []
        }
        let text = String(decoding: (bytes ?? []).prefix { $0 > 0x20 }, as: UTF8.self)
        guard let id = Int64(text.dropFirst()) else { return nil }
        switch Letter(rawValue: String(text.prefix(1))) {
        case .instance?: return .instance(InstanceID(id))
        case .schedule?: return .schedule(DefinitionID(id))
        case nil: return nil
        }
    }

    func close() {
        file.close()
        place?.release()
    }

    private func write(_ text: String) {
        if let place { write(text, at: Self.start(place.number, work)) }
    }

    private func write(_ text: String, at start: Int) {
        var bytes = Array(text.utf8.prefix(Self.length))
        bytes += [UInt8](repeating: 0x20, count: Self.length - bytes.count)
        // If this fails, only the diagnosis after a crash is worse.
        file.use { [bytes] in _ = pwrite($0, bytes, Self.length, start) }
    }
}
