import Foundation
import TFSystem
import TFWatch
import Testing

@testable import tf_daemon

/// The watcher on a real directory: what people and their editors do to files, and what is in force then.
@Suite struct DefinitionPublisherTests {
    private static func task(_ name: String, _ description: String) -> String { WatchedTree.task(name, description) }

    @Test func `a file is live when it is closed, its change is current, and its removal retires it`() async throws {
        try await WatchedTree.with(["acme/a.task.yaml": Self.task("a", "one")]) { tree in
            try await tree.expect(["a active one"])
            try tree.write(Self.task("b", "one"), to: "acme/new/deep/b.task.yaml")
            try await tree.expect(["a active one", "b active one"])
            try tree.write(Self.task("a", "two"), to: "acme/a.task.yaml")
            try await tree.expect(["a active two", "b active one"])
            // The first text again is the first revision again.
            try tree.write(Self.task("a", "one"), to: "acme/a.task.yaml")
            try await tree.expect(["a active one", "b active one"])
            try tree.remove("acme/a.task.yaml")
            try await tree.expect(["a retired one", "b active one"])
            try tree.write(Self.task("a", "one"), to: "acme/again.task.yaml")
            try await tree.expect(["a active one", "b active one"])
        }
    }

    @Test func `a file that is being written is not looked at before it is closed`() async throws {
        try await WatchedTree.with(["acme/a.task.yaml": Self.task("a", "one")]) { tree in
            try await tree.expect(["a active one"])
            let handle = try #require(FileHandle(forWritingAtPath: tree.path("acme/a.task.yaml")))
            try handle.truncate(atOffset: 0)
            try handle.write(contentsOf: Data("task: a\ndescription: half".utf8))
            // Another file's change makes the publisher look at the directory meanwhile.
            try tree.write(Self.task("b", "fence"), to: "acme/b.task.yaml")
            try await tree.expect(["a active one", "b active fence"])
            try handle.write(contentsOf: Data(" and half\n".utf8))
            try handle.close()
            try await tree.expect(["a active half and half", "b active fence"])
        }
    }

    @Test func `a long file name after many short ones does not end the watch`() async throws {
        try await WatchedTree.with(["acme/a.task.yaml": Self.task("a", "0")]) { tree in
            for number in 1...20 {
                try tree.write(Self.task("a", "\(number)"), to: "acme/a.task.yaml")
                try await tree.expect(["a active \(number)"])
            }
            let name = String(repeating: "x", count: 240) + ".yaml"
            try tree.write(Self.task("b", "one"), to: "acme/" + name)
            try await tree.expect(["a active 20", "b active one"])
        }
    }

    @Test func `a broken file keeps what it published before, and says what is wrong`() async throws {
        try await WatchedTree.with(["acme/a.task.yaml": Self.task("a", "one")]) { tree in
            try await tree.expect(["a active one"])
            try tree.write("task: a\ndescripton: two\n", to: "acme/a.task.yaml")
            try await tree.expect(
                problems: ["acme/a.task.yaml:2:1: error: unknown key \"descripton\"; did you mean \"description\"?"])
            try await tree.expect(["a active one"])
            try tree.write(Self.task("a", "two"), to: "acme/a.task.yaml")
            try await tree.expect(["a active two"])
            try await tree.expect(problems: [])
        }
    }

    @Test func `editors' ways of saving end in one definition`() async throws {
        try await WatchedTree.with(["acme/a.task.yaml": Self.task("a", "one")]) { tree in
            try await tree.expect(["a active one"])
            // Written beside and moved over it; most editors and Git.
            try tree.write(Self.task("a", "two"), to: "acme/.a.task.yaml.swp")
            try tree.move("acme/.a.task.yaml.swp", "acme/a.task.yaml")
            try await tree.expect(["a active two"])
            // Moved away as a backup and written anew; vim with 'backup'.
            try tree.move("acme/a.task.yaml", "acme/a.task.yaml~")
            try tree.write(Self.task("a", "three"), to: "acme/a.task.yaml")
            try await tree.expect(["a active three"])
            // Lock files and autosaves beside it; Emacs.
            try tree.write(Self.task("a", "four"), to: "acme/#a.task.yaml#")
            try tree.write(Self.task("b", "fence"), to: "acme/b.task.yaml")
            try await tree.expect(["a active three", "b active fence"])
            try await tree.expect(problems: [])
        }
    }

    @Test func `a moved file is the same definition, and directories may move in and out`() async throws {
        try await WatchedTree.with(["acme/a.task.yaml": Self.task("a", "one")]) { tree in
            try await tree.expect(["a active one"])
            let revision = try await tree.store.read(in: tree.company.id) { try $0.definitions() }.first?.revisionID
            try tree.move("acme/a.task.yaml", "acme/it/a.task.yaml")
            _ = try await tree.store.read(in: tree.company.id) { try $0.definitions() }
            try tree.write(Self.task("b", "fence"), to: "acme/b.task.yaml")
            try await tree.expect(["a active one", "b active fence"])
            #expect(
                try await tree.store.read(in: tree.company.id) { try $0.definitions() }.first?.revisionID == revision)
            // A whole directory from elsewhere, then out again.
            try tree.write(Self.task("c", "one"), to: "../outside/x/c.task.yaml")
            try tree.move("../outside", "acme/inside")
            try await tree.expect(["a active one", "b active fence", "c active one"])
            try tree.write(Self.task("c", "two"), to: "acme/inside/x/c.task.yaml")
            try await tree.expect(["a active one", "b active fence", "c active two"])
            try tree.move("acme/inside", "../outside")
            try await tree.expect(["a active one", "b active fence", "c retired two"])
            // What changes outside is nobody's business any more.
            try tree.write(Self.task("c", "three"), to: "../outside/x/c.task.yaml")
            try tree.write(Self.task("b", "again"), to: "acme/b.task.yaml")
            try await tree.expect(["a active one", "b active again", "c retired two"])
        }
    }

    @Test func `a tree that is away takes nothing away, and another in its place is in force`() async throws {
        try await WatchedTree.with(["acme/a.task.yaml": Self.task("a", "one")]) { tree in
            try await tree.expect(["a active one"])
            try tree.write(Self.task("a", "two"), to: "../next/acme/a.task.yaml")
            try tree.write(Self.task("b", "two"), to: "../next/acme/b.task.yaml")
            try tree.move("", "../before")
            #expect(try await tree.published() == ["a active one"])
            try tree.move("../next", "")
            try await tree.expect(["a active two", "b active two"])
            try tree.write(Self.task("a", "three"), to: "acme/a.task.yaml")
            try await tree.expect(["a active three", "b active two"])
        }
    }

    @Test func `what another file must bring makes a definition complete when it comes`() async throws {
        try await WatchedTree.with([
            "acme/w.workflow.yaml": """
            document: { dsl: '1.0.3', namespace: default, name: w, version: '1.0.0' }
            do: [ { a: { call: a } } ]
            """
        ]) { tree in
            try await tree.expect(problems: ["acme/w.workflow.yaml:2:20: error: there is no task \"a\""])
            #expect(
                try await tree.store.read(in: tree.company.id) { try $0.definitions() }.map(\.state) == [.incomplete])
            try tree.write(Self.task("a", "one"), to: "acme/a.task.yaml")
            try await tree.expect(problems: [])
            #expect(
                try await tree.store.read(in: tree.company.id) { try $0.definitions() }.map(\.state) == [
                    .active, .active,
                ])
            try tree.remove("acme/a.task.yaml")
            let told = "the task \"a\" is retired; bring it back, or name another"
            try await tree.expect(problems: [
                "acme/w.workflow.yaml:2:20: warning: the workflow \"w\" is not offered any more: \(told)"
            ])
            #expect(
                try await tree.store.read(in: tree.company.id) { try $0.definitions() }.map(\.state) == [
                    .retired, .incomplete,
                ])
        }
    }

    @Test func `what is retired on purpose is a warning to whoever needs it, and no error of the site`() async throws {
        let form = """
            ticket: f
            name: Ask
            description: Ask us
            workflow: w
            body: [ { type: input, attributes: { label: What } } ]

            """
        let flow = """
            document: { dsl: '1.0.3', namespace: default, name: w, version: '1.0.0' }
            do: [ { a: { call: a } } ]

            """
        let files = [
            "acme/a.task.yaml": Self.task("a", "one"), "acme/w.workflow.yaml": flow, "acme/f.ticket.yaml": form,
        ]
        try await WatchedTree.with(files) { tree in
            try await tree.expect(["a active one"])
            try await tree.expect(problems: [])
            // As the page does it.
            let task = try #require(
                try await tree.store.read(in: tree.company.id) { try $0.definition(.task, "a") })
            try await tree.store.write(in: tree.company.id) { try $0.retireDefinition(task.id, now: 2) }
            try tree.remove("acme/a.task.yaml")
            let retired = "is not offered any more: the task \"a\" is retired; bring it back, or name another"
            let following = "is not offered any more: the workflow \"w\" needs what is retired, see w.workflow.yaml"
            let warnings = [
                "acme/w.workflow.yaml:2:20: warning: the workflow \"w\" \(retired)",
                "acme/f.ticket.yaml:4:11: warning: the ticket \"f\" \(following)",
            ]
            try await tree.expect(problems: warnings)
            // What is wrong besides stays an error.
            try tree.write(flow.replacing("]", with: ", { b: { call: b } } ]"), to: "acme/w.workflow.yaml")
            let known = "version 1.0.0 of the workflow \"w\" had another text before; running instances keep it"
            try await tree.expect(problems: [
                "acme/w.workflow.yaml:1:65: warning: \(known), and \"w:1.0.0\" now means this one",
                warnings[0], "acme/w.workflow.yaml:2:41: error: there is no task \"b\"",
                "acme/f.ticket.yaml:4:11: error: the workflow \"w\" has errors, see w.workflow.yaml",
            ])
        }
    }

    @Test func `the second file of a definition is refused, and taken when the first goes`() async throws {
        try await WatchedTree.with(["acme/m.task.yaml": Self.task("a", "one")]) { tree in
            try await tree.expect(["a active one"])
            // Its path comes first, but the other was published first.
            try tree.write(Self.task("a", "two"), to: "acme/b.task.yaml")
            try await tree.expect(problems: [
                "acme/b.task.yaml:1:7: error: the task \"a\" 1.0.0 is defined in acme/m.task.yaml already"
            ])
            #expect(try await tree.published() == ["a active one"])
            try tree.remove("acme/m.task.yaml")
            try await tree.expect(["a active two"])
        }
    }

    @Test func `other text under a known version is told, and current`() async throws {
        try await WatchedTree.with(["acme/a.task.yaml": "version: 1.2.0\n" + Self.task("a", "one")]) { tree in
            try await tree.expect(["a active one"])
            try tree.write("version: 1.2.0\n" + Self.task("a", "two"), to: "acme/a.task.yaml")
            try await tree.expect(["a active two"])
            let warning =
                "acme/a.task.yaml:1:10: warning: version 1.2.0 of the task \"a\" had another text before; "
                + "running instances keep it, and \"a:1.2.0\" now means this one"
            try await tree.expect(problems: [warning])
            let check = TreeCheck(tree: tree.root, store: tree.store)
            func checked() async throws -> [String]? {
                try await check.problems(of: tree.root)?.map { $0.description.replacing(tree.root + "/", with: "") }
            }
            #expect(try await checked() == [warning], "check tells it as long as the version has two texts")
            try tree.write("version: 1.10.0\n" + Self.task("a", "three"), to: "acme/a.task.yaml")
            try await tree.expect(["a active three", "a retired two"])
            try await tree.expect(problems: [])
            #expect(try await checked() == [])
            // A file that names no version has none to keep.
            try tree.write(Self.task("b", "one"), to: "acme/b.task.yaml")
            try await tree.expect(["a active three", "a retired two", "b active one"])
            try tree.write(Self.task("b", "two"), to: "acme/b.task.yaml")
            try await tree.expect(["a active three", "a retired two", "b active two"])
            #expect(try await checked() == [])
        }
    }

    @Test func `links, FIFOs and choosers are told and never read`() async throws {
        try await WatchedTree.with([
            "acme/a.task.yaml": Self.task("a", "one"), "acme/config.yml": "blank_issues_enabled: false\n",
        ]) { tree in
            try FileManager.default.createSymbolicLink(
                atPath: tree.path("acme/link.yaml"), withDestinationPath: "/etc/passwd")
            try FileManager.default.createSymbolicLink(
                atPath: tree.path("acme/loop"), withDestinationPath: tree.path("acme"))
            #expect(mkfifo(tree.path("acme/fifo.yaml"), 0o600) == 0)
            try tree.write(Self.task("b", "fence"), to: "acme/b.task.yaml")
            try await tree.expect(["a active one", "b active fence"])
            try await tree.expect(problems: [
                "acme/config.yml:1:1: notice: skipped: a chooser of issue forms is no definition",
                "acme/fifo.yaml:1:1: notice: skipped: a FIFO",
                "acme/link.yaml:1:1: notice: skipped: a symbolic link",
                "acme/loop:1:1: notice: skipped: a symbolic link",
            ])
        }
    }

    @Test func `after an overflow everything is looked at`() throws {
        let watch = DefinitionWatch(
            root: "/nowhere", inotify: try Inotify(), wake: Wake(), logger: .init(label: "test"))
        #expect(watch.takeChanges() == .all)
        #expect(watch.takeChanges() == .some([]))
        watch.note([InotifyEvent(watch: -1, mask: UInt32(IN_Q_OVERFLOW), name: "")])
        #expect(watch.takeChanges() == .all)
    }

    @Test func `a tree whose path is one letter is watched from the folder in which it is`() throws {
        let watch = DefinitionWatch(root: "h", inotify: try Inotify(), wake: Wake(), logger: .init(label: "test"))
        watch.watch(watch.root.parentPath, followingLinks: true)
        #expect(watch.takeChanges() == .all)
        // The kernel counts watches from 1.
        watch.note([InotifyEvent(watch: 1, mask: UInt32(IN_MOVED_TO), name: "other")])
        #expect(watch.takeChanges() == .some([]))
        watch.note([InotifyEvent(watch: 1, mask: UInt32(IN_MOVED_TO), name: "h")])
        #expect(watch.takeChanges() == .all)
    }
}
