import ArgumentParser
import Foundation
import TFConfiguration
import TFExpression
import TFStore
import TFSystem

extension UserCommand {
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write out all that is kept of one person.",
            discussion: """
                One JSON object on standard output: the account, roles and memberships, sessions, tickets with their \
                answers, tasks with answers and drafts, comments, files, notifications, what the person follows and has \
                saved, their entries in the history of tickets, and the audit log's by or about them. Hashes and secrets \
                are left out.

                With --to, a new directory: person.json, and the files that the person sent in files/, each named by its \
                id and its own name; for the owner of the directory alone. The audit log notes it.

                Examples:
                  tf-web user export bob > bob.json
                  tf-web user export bob --to bob-export

                Exit status: 0 done, 1 nothing was written, 2 wrong usage, 3 written, but the content of a \
                file is not there any more.
                """)

        @Argument(help: "The login.") var login: String
        @Option(help: ArgumentHelp("A new directory, for the files as well.", valueName: "directory")) var to: String?
        @OptionGroup var options: SettingOptions

        func run() async throws {
            let work = try CommandStore(options)
            let account = try await work.account(login)
            let export = try await work.store.read { try $0.export(of: account) }
            let text = export.json.prettyText + "\n"
            let missing = if let to { try await write(text, export.files, to: to, work.store) } else { [String]() }
            try await work.store.write { try $0.note(.userExported, .user(account.login), now: work.now) }
            if to == nil { print(export.json.prettyText.jsonForTerminals) }
            for id in missing { StandardError.write("the content of the file \(id) is not there\n") }
            if !missing.isEmpty { throw ExitCode(3) }
        }

        /// - Returns: the ids of files that are not there.
        private func write(
            _ text: String, _ files: [PersonExport.File], to directory: String, _ store: Store
        ) async throws -> [String] {
            guard mkdir(directory, PrivateFile.directoryMode) == 0 else {
                let reason = String(cString: strerror(errno))
                StandardError.write("\(directory.onOneLine) cannot be made: \(reason); name a new directory\n")
                throw ExitCode(1)
            }
            try PrivateFile.write(Array(text.utf8), to: directory + "/person.json")
            if !files.isEmpty { try PrivateFile.makeDirectory(directory + "/files") }
            var missing: [String] = []
            for file in files {
                let target = "\(directory)/files/\(file.key.id)-\(Self.plain(file.name))"
                let isThere = try await store.copyContent(of: file.key, size: file.size, to: target)
                if !isThere { missing.append(file.key.id.rawValue) }
            }
            return missing
        }

        /// The name of a file as somebody else gave it, without what a path or a terminal would take for more.
        private static func plain(_ name: String) -> String {
            let scalars = name.unicodeScalars.map { scalar in
                scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-_".unicodeScalars.contains(scalar)
                    || scalar == "." ? Character(scalar) : "_"
            }
            // A name in a file system has at most 255 bytes; the id takes 33 of them.
            return String(String(scalars).suffix(50))
        }
    }

    struct Erase: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erase one person: they become a pseudonym, and what they wrote is removed.",
            discussion: """
                The account is closed: roles, memberships, sessions, keys, notifications and views go, and open tasks go \
                back to the rule of their company. Answers, titles of tickets, comments, drafts, reasons and the content \
                of files that were theirs are removed, also where a workflow has taken them over. Login, name and e-mail \
                address are replaced everywhere as whole words: in texts of others, the history, explanations, the search \
                and the audit log, which keeps its order and notes the erasure. A login or a name that is one word of \
                letters, such as mark or May, may be a word of the language: in what others wrote it is replaced where it \
                is the whole value or follows an @, and stays in their sentences. The lists in Redis are written anew.

                While a ticket of theirs is open, what they chose in its form stays, since the workflow decides by it; what \
                they typed goes. When it has ended, run the command again with the pseudonym.

                It cannot be undone. Not changed are definitions that name the login, which --preview lists; a first name \
                alone, or another spelling, in texts of others; their files; backups, also those before upgrades in \
                DATA/upgrades, until they are removed; and bytes of the store's file that are not in use, until they are used again.

                Examples:
                  tf-web user erase bob --preview
                  tf-web user export bob --to bob-export && tf-web user erase bob --yes

                Exit status: 0 done, 1 refused, such as for the last admin, or not done to the end: run it again, 2 wrong \
                usage.
                """)

        @Argument(help: "The login.") var login: String
        @Flag(help: "Tell what would be erased, and erase nothing.") var preview = false
        @Flag(help: "Erase the person.") var yes = false
        @OptionGroup var options: SettingOptions

        func validate() throws {
            guard preview != yes else { throw ValidationError("one of --preview and --yes is needed") }
        }

        func run() async throws {
            let work = try CommandStore(options, isTried: preview)
            let account = try await work.account(login)
            let found = try await work.store.previewErasure(of: account)
            if preview { return print(Self.lines(found).map(\.onOneLine).joined(separator: "\n")) }
            let done = try await work.store.erase(account, now: work.now) { StandardError.write($0 + "\n") }
            print("\(login) is \(done.pseudonym.login) now")
            for line in Self.remaining(found) { print(line.onOneLine) }
        }

        private static func lines(_ found: ErasurePreview) -> [String] {
            let naming = found.naming.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                "\($0.key.rawValue) \($0.value)"
            }
            return [
                "becomes      \(found.pseudonym.login), \(found.pseudonym.name)",
                "removed      answers of \(found.ticketCount) tickets and \(found.answeredTasks) tasks, "
                    + "\(found.comments) comments, \(found.files) files (\(ByteCount.text(found.fileBytes))), "
                    + "\(found.sessions) sessions, \(found.notifications) notifications",
                "names        " + (naming.isEmpty ? "in no other row" : "in rows of " + naming.joined(separator: ", ")),
            ]
                + few(
                    found.namesakes.map {
                        "namesake     \($0) has the same name: where a text means them, it gets the pseudonym too"
                    }) + few(found.openTasks.map { "goes back    \($0)" }) + remaining(found)
        }

        private static let limitLines = 20

        /// The first of many lines of one kind, and how many more there are.
        static func few(_ lines: [String]) -> [String] {
            guard lines.count > limitLines else { return lines }
            return lines.prefix(limitLines) + ["             and \(lines.count - limitLines) more"]
        }

        /// What a person has to look after.
        private static func remaining(_ found: ErasurePreview) -> [String] {
            few(found.openTickets.map { "still open   \($0): run this again when it has ended" })
                + few(found.definitions.map { "names them   the definition \($0): change it if it means them" })
        }
    }
}
