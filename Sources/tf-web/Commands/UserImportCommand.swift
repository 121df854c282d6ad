import ArgumentParser
import Foundation
import TFConfiguration
import TFExpression
import TFStore
import TFSystem

extension UserCommand {
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make accounts from a table, all of them or none.",
            discussion: """
                FILE is CSV as spreadsheets write it, in UTF-8, of 8 MiB at most, with commas or semicolons; - is standard input. Its first \
                line names the columns: login and name, and as many as wanted of email, kind (person or service), roles \
                (system roles) and memberships (company:role:role). Several roles or memberships are separated by blanks.

                  login,name,email,roles,memberships
                  bob,Bob Berger,bob@example.org,task_worker,acme:manager
                  uma,"Urban, Uma",uma@example.org,user,acme globex:engineer

                Accounts that are there already stay as they are, so that a table can be imported again. New ones have no \
                password, and get no tasks until the person has chosen one: with --invite a link is printed for each new \
                person, by which they do so within 7 days, and mailed where mail.sendmail is set; or later by \
                `tf-web user passwd LOGIN --link`. Companies and their roles have to be there.

                Example:
                  tf-web user import people.csv --dry-run && tf-web user import people.csv --invite

                Exit status: 0 done, 1 nothing was made: each problem is told with its line, 2 wrong usage.
                """)

        @Argument(help: "The table; - for standard input.") var file: String
        @Flag(help: "Check everything and tell what would be made, and make nothing.") var dryRun = false
        @Flag(help: "Print a link for each new person, by which they choose their password.") var invite = false
        @OptionGroup var options: SettingOptions

        /// Takes a change back that was only tried.
        private struct Tried: Error {
            let result: AccountImport.Result
        }

        func run() async throws {
            do {
                // Only then is the store looked for: a table that cannot be read makes none.
                let table = try AccountImport(try text())
                let work = try CommandStore(options, mayMake: !table.namesCompanies, isTried: dryRun)
                let (now, isTried) = (work.now, dryRun)
                let result: AccountImport.Result
                do {
                    result = try await work.store.write { session in
                        let result = try table.run(session, now: now)
                        if isTried { throw Tried(result: result) }
                        return result
                    }
                } catch let tried as Tried { result = tried.result }
                try await tell(result, work)
            } catch let refusal as AccountImport.Refusal {
                for problem in refusal.problems { StandardError.write(problem.onOneLine + "\n") }
                throw ExitCode(1)
            }
        }

        /// - Throws: `AccountImport.Refusal` for what is no text; `ValidationError`, which is wrong usage, for a file that
        ///   cannot be read.
        private func text() throws -> String {
            guard file != "-" else {
                guard let bytes = RawBytes.read(STDIN_FILENO, limit: TableText.limitBytes + 1) else {
                    throw ValidationError("cannot read standard input: \(String(cString: strerror(errno)))")
                }
                return try TableText.checked(bytes)
            }
            let bytes: [UInt8]
            do throws(FileFailure) { bytes = try RawBytes.file(file, limit: TableText.limitBytes + 1) } catch {
                throw ValidationError("\(error)")
            }
            return try TableText.checked(bytes)
        }

        private func tell(_ result: AccountImport.Result, _ work: CommandStore) async throws {
            for (person, account) in result.made {
                guard invite, !dryRun, account.kind == .person else {
                    print((dryRun ? "would make " : "made ") + person.text)
                    continue
                }
                print("\(account.login)\t\(try await work.link(.invite, for: account))")
            }
            let known = result.known.count
            let already = known == 0 ? "" : ", \(known) \(known == 1 ? "was" : "were") there already"
            let accounts = result.made.count == 1 ? "1 account" : "\(result.made.count) accounts"
            StandardError.write("\(accounts) \(dryRun ? "would be made" : "made")\(already)\n")
        }
    }
}
