import TFDefinition

/// Of a session of a browser or a program.
package struct SessionID: TextID {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// Of an API key.
package struct APIKeyID: TextID {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}
