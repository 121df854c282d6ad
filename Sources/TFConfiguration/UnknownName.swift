/// A name in a command's arguments that the site does not have, such as a company's or a user's. The command ends with
/// the exit status of wrong usage, and without the lines about usage: the name was written where it has to be.
package struct UnknownName: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    /// - Parameter description: which name is not there, and where those that are can be seen.
    package init(_ description: String) { self.description = description }
}
