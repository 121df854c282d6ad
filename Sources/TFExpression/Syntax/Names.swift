/// The names that are known at a point of a program: one entry for each scope at run time.
struct Names {
    enum Entry: Equatable {
        case variable(String)
        case function(String, arity: Int)
        case label(String)
    }

    private(set) var entries: [Entry] = []
    /// Variables that the caller of the program binds.
    let globals: Set<String>

    init(globals: Set<String>) { self.globals = globals }

    mutating func add(_ entry: Entry) { entries.append(entry) }

    mutating func remove(to count: Int) { entries.removeLast(entries.count - count) }

    /// How many scopes further out the newest entry of this kind is.
    func hops(to entry: Entry) -> Int? {
        entries.lastIndex(of: entry).map { entries.count - 1 - $0 }
    }

    var variables: [String] {
        globals + entries.compactMap { if case .variable(let name) = $0 { name } else { nil } }
    }

    /// The program's own functions by name, with the numbers of their arguments.
    func arities(of name: String) -> [Int] {
        entries.compactMap { entry in
            if case .function(name, let arity) = entry { arity } else { nil }
        }
    }

    var functions: [String] {
        entries.compactMap { if case .function(let name, _) = $0 { name } else { nil } }
    }
}
