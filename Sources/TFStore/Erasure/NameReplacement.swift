import TFEngine
import TFExpression

/// Replaces what names a person in texts and JSON, and removes texts that were theirs.
struct NameReplacement: Sendable {
    /// What stands in the place of a text that was removed.
    static let removed = "[erased]"

    /// Members whose values are words of ours: one that happens to be a login stays.
    private static let vocabulary: Set<String> = [
        "because", "code", "company_role", "company_roles", "finding", "kind", "outcome", "priority", "reference",
        "role", "roles", "set_aside", "state", "status", "step", "strategy", "type",
    ]
    /// Shorter texts are removed only where they are a whole value.
    private static let shortestPart = 4

    private struct Pair: Sendable {
        let old: [Unicode.Scalar]
        let new: String
        /// Whether `-` and `_` belong to a word, as in logins.
        var isLogin = false
        /// Whether it may be a word of the language, as "May" and "mark" are. Then it is a name only where it stands
        /// alone, or is addressed: what somebody else wrote keeps its sense.
        var isCommon = false
    }

    private let login: String?
    private let pairs: [Pair]
    private let texts: Set<String>

    /// The parts by which rows with something to replace are found.
    let needles: [String]

    /// What a person was called before, and the addresses they had.
    struct Earlier: Sendable {
        var names: Set<String> = []
        var emails: Set<String> = []
    }

    /// Of a person.
    init(_ account: Account, by pseudonym: Pseudonym, earlier: Earlier = Earlier()) {
        login = account.login
        func isWord(_ name: String) -> Bool { name.unicodeScalars.allSatisfy(\.properties.isAlphabetic) }
        var pairs = [
            Pair(
                old: Array(account.login.unicodeScalars), new: pseudonym.login, isLogin: true,
                isCommon: isWord(account.login))
        ]
        let names = earlier.names.union([account.name]).filter { !$0.isEmpty }
        let emails = earlier.emails.union([account.email].compactMap { $0 }).filter { !$0.isEmpty }
        for name in names {
            for (old, new) in [(name, pseudonym.name), (name.folded, pseudonym.name.folded)] {
                pairs.append(Pair(old: Array(old.unicodeScalars), new: new, isCommon: isWord(old)))
            }
        }
        pairs += emails.map { Pair(old: Array($0.unicodeScalars), new: Self.removed) }
        // Longer ones first: an address may hold the login.
        self.pairs = pairs.sorted { $0.old.count > $1.old.count }
        texts = []
        needles = names.union(names.map(\.folded)).union(emails).union([account.login]).sorted()
    }

    /// Of texts that somebody has entered.
    init(removing texts: Set<String>) {
        login = nil
        self.texts = texts.filter { !$0.isEmpty }
        pairs = self.texts.filter { $0.count >= Self.shortestPart }.sorted { ($0.count, $0) > ($1.count, $1) }.map {
            Pair(old: Array($0.unicodeScalars), new: Self.removed)
        }
        needles = []
    }

    // MARK: Texts

    /// - Parameter isOurs: whether the program composed the text, such as an address; in it every word that is a name
    ///   is meant as one.
    func text(_ text: String, isOurs: Bool = false) -> String {
        if texts.contains(text) { return Self.removed }
        return pairs.reduce(text) { Self.replace($1, in: $0, isOurs: isOurs) }
    }

    /// Replaces whole words only. By Unicode scalars: a mark that follows a name belongs to it.
    private static func replace(_ pair: Pair, in text: String, isOurs: Bool) -> String {
        let scalars = Array(text.unicodeScalars)
        guard let head = pair.old.first, scalars.count >= pair.old.count else { return text }
        func isWord(_ place: Int) -> Bool {
            guard scalars.indices.contains(place) else { return false }
            let scalar = scalars[place]
            return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                || scalar.properties.canonicalCombiningClass != .notReordered
                || pair.isLogin && (scalar == "-" || scalar == "_")
        }
        func isMeant(_ place: Int) -> Bool {
            !pair.isCommon || isOurs || scalars.count == pair.old.count || place > 0 && scalars[place - 1] == "@"
        }
        var result = String.UnicodeScalarView()
        var (place, isChanged) = (0, false)
        while place < scalars.count {
            let end = place + pair.old.count
            if scalars[place] == head, end <= scalars.count, scalars[place..<end].elementsEqual(pair.old),
                !isWord(place - 1), !isWord(end), isMeant(place)
            {
                result.append(contentsOf: pair.new.unicodeScalars)
                (place, isChanged) = (end, true)
            } else {
                result.append(scalars[place])
                place += 1
            }
        }
        return isChanged ? String(result) : text
    }

    // MARK: JSON

    /// - Parameter isState: whether it is the engine's own record, in which some members hold people's values, and
    ///   everything else is ours.
    func json(_ json: JSON, isState: Bool = false, member: String? = nil) -> JSON {
        switch json {
        case .null, .bool, .number: return json
        case .array(let elements):
            return .array(elements.map { self.json($0, isState: isState, member: member) })
        case .object(let members):
            // Members are names of fields and of ours; none is a login.
            return .object(
                JSONObject(
                    members.map { name, value in
                        let isOurs = isState && !InstanceState.valueMembers.contains(name)
                        return (name, self.json(value, isState: isOurs, member: name))
                    },
                    uniquingKeysWith: { first, _ in first }))
        case .string(let text): return .string(value(text, isState: isState, member: member))
        }
    }

    private func value(_ text: String, isState: Bool, member: String?) -> String {
        if let first = text.utf8.first, "{[\"".utf8.contains(first), let inner = try? JSON(parsing: text) {
            // A value that is kept as the text of JSON; anything else is a text.
            let replaced = json(inner)
            return replaced == inner ? text : replaced.text
        }
        if isState || member.map(Self.vocabulary.contains) == true {
            guard text != login, !texts.contains(text) else { return text }
            return isState && !texts.isEmpty ? text : self.text(text)
        }
        return self.text(text)
    }

    /// All texts in a value.
    static func texts(in json: JSON) -> Set<String> {
        switch json {
        case .null, .bool, .number: []
        case .string(let text): text.isEmpty ? [] : [text]
        case .array(let elements): elements.reduce(into: []) { $0.formUnion(texts(in: $1)) }
        case .object(let members): members.values.reduce(into: []) { $0.formUnion(texts(in: $1)) }
        }
    }
}
