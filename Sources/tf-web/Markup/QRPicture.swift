import CQREncode

/// A text as a QR code, which a phone's camera reads (ISO/IEC 18004).
struct QRPicture {
    /// Modules of white around the code, as the standard asks for.
    private static let margin = 4
    /// Pixels of a module on the page.
    private static let scale = 4

    /// For each row, whether each module is dark.
    private let rows: [[Bool]]

    /// - Returns: nil if the text is longer than a code can hold.
    init?(_ text: String) {
        // Restores 15 % of the code: enough for a screen, which does not get dirty.
        guard let code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1) else { return nil }
        defer { QRcode_free(code) }
        let width = Int(code.pointee.width)
        guard let data = code.pointee.data else { return nil }
        rows = (0..<width).map { row in (0..<width).map { data[row * width + $0] & 1 == 1 } }
    }

    /// The code as a picture: black on white in both themes, since not every reader takes the reverse.
    /// - Parameter label: what it says, for those who cannot see it.
    func html(_ label: String) -> HTML {
        let side = rows.count + 2 * Self.margin
        let path = rows.enumerated().map { y, row in Self.path(of: row, y: y + Self.margin) }.joined()
        return """
            <svg role="img" aria-label="\(label)" width="\(side * Self.scale)" height="\(side * Self.scale)" \
            viewBox="0 0 \(side) \(side)" shape-rendering="crispEdges"><rect width="\(side)" height="\(side)" \
            fill="#fff" rx="2"/><path fill="#000" d="\(path)"/></svg>
            """
    }

    /// The dark modules of a row as rectangles, neighbours in one.
    private static func path(of row: [Bool], y: Int) -> String {
        var path = ""
        var begin: Int?
        for (x, isDark) in (row + [false]).enumerated() {
            if isDark {
                begin = begin ?? x
            } else if let first = begin {
                path += "M\(first + margin) \(y)h\(x - first)v1h-\(x - first)z"
                begin = nil
            }
        }
        return path
    }
}
