import Foundation
import TFSystem
import TestSupport
import Testing

/// The folder, the name and the plain form of a path.
@Suite struct PathPartsTests {
    @Test(arguments: [
        ("h", ".", "h", "h"), ("./h", ".", "h", "h"), ("h/", ".", "h", "h"), ("a/b", "a", "b", "a/b"),
        ("/h", "/", "h", "/h"), ("/a/b/c", "/a/b", "c", "/a/b/c"), ("/a//b//", "/a", "b", "/a/b"),
        ("/", "/", "/", "/"), ("//", "/", "/", "/"), (".", ".", ".", "."), ("", ".", "", "."),
        ("..", ".", "..", ".."), ("a/../b", "a/..", "b", "a/../b"), ("/./a/./b/.", "/./a/./b", ".", "/a/b"),
        ("ä/ö", "ä", "ö", "ä/ö"), ("a/\u{301}b", "a", "\u{301}b", "a/\u{301}b"),
    ])
    func `a path is parted, however short it is`(_ path: String, _ parent: String, _ name: String, _ plain: String) {
        #expect(Array(path.parentPath.utf8) == Array(parent.utf8))
        #expect(Array(path.lastPathName.utf8) == Array(name.utf8))
        #expect(Array(path.plainPath.utf8) == Array(plain.utf8))
    }

    @Test(arguments: ["h", "h/w", "./h/../w/", "/h", "", "/", "..", "h//w"])
    func `whoever goes up from folder to folder comes to an end`(_ path: String) {
        var (folder, steps) = (path, 0)
        while folder != folder.parentPath, steps < 10 { (folder, steps) = (folder.parentPath, steps + 1) }
        #expect(folder == (path.hasPrefix("/") ? "/" : "."))
    }

    /// Foundation's own on `NSString` ends the program for a path of one letter.
    @Test func `no source parts a path in another way`() throws {
        let root = ProjectFolder.url("Sources").path
        let files = (FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? [])
            .filter { $0.hasSuffix(".swift") }
        #expect(files.count > 500)
        for file in files {
            let text = try String(contentsOfFile: "\(root)/\(file)", encoding: .utf8)
            for word in ["as NSString", "deletingLastPathComponent", "lastPathComponent", "standardizingPath"] {
                #expect(!text.contains(word), "\(file): \(word)")
            }
        }
    }
}
