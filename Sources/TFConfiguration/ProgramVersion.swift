/// Which version the programs are, as `--version` prints it.
package enum ProgramVersion {
    /// Before the first release; a package has the moment of its commit besides.
    private static let number = "0.1"

    /// - Parameters:
    ///   - program: its name.
    ///   - schema: the newest schema of the store that it knows.
    package static func text(of program: String, schema: Int) -> String { "\(program) \(number), schema \(schema)" }
}
