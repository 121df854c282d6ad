/// A path by its text alone: nothing is looked up, and symbolic links and `..` stay as they are. Foundation has the same on
/// `NSString`, and ends the program for a path of one letter.
extension String {
    private static let slash = UInt8(ascii: "/")

    /// The path of the directory that has the entry of this path, as dirname(1) tells it: `.` for a name alone, `/` for `/`.
    /// Asked again and again, it comes to one of these two, which each is its own.
    package var parentPath: String {
        let path = Self.withoutSlashesAtEnd(utf8[...])
        guard let slash = path.lastIndex(of: Self.slash) else { return path.isEmpty && !isEmpty ? "/" : "." }
        let parent = Self.withoutSlashesAtEnd(path[..<slash])
        return parent.isEmpty ? "/" : String(Substring(parent))
    }

    /// The last name of this path, as basename(1) tells it: `/` for `/`.
    package var lastPathName: String {
        let path = Self.withoutSlashesAtEnd(utf8[...])
        guard !path.isEmpty else { return isEmpty ? "" : "/" }
        guard let slash = path.lastIndex(of: Self.slash) else { return String(Substring(path)) }
        return String(Substring(path[path.index(after: slash)...]))
    }

    /// The same path without what says nothing: a slash behind another one or at the end, and the name `.`.
    package var plainPath: String {
        let names = utf8.split(separator: Self.slash).map { String(Substring($0)) }.filter { $0 != "." }
        let path = names.joined(separator: "/")
        if utf8.first == Self.slash { return "/" + path }
        return path.isEmpty ? "." : path
    }

    private static func withoutSlashesAtEnd(_ path: Substring.UTF8View) -> Substring.UTF8View {
        guard let last = path.lastIndex(where: { $0 != slash }) else { return path[..<path.startIndex] }
        return path[...last]
    }
}
