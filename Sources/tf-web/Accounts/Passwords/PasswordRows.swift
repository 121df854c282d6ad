import TFExpression

/// Keys and characters in a sequence: adjacent on a keyboard, or in counting order.
enum PasswordRows {
    private static let rows = [
        // Keyboards: American, German, French, Russian; without shift.
        "1234567890-=", "qwertyuiop[]\\", "asdfghjkl;'", "zxcvbnm,./", "qwertzuiopü", "asdfghjklöä", "yxcvbnm,.-",
        "azertyuiop", "qsdfghjklm", "wxcvbn", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю",
        // Columns down and up, and zigzags between two rows.
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/", "qazwsxedcrfvtgbyhnujmikolp", "qaz", "wsx", "edc", "rfv", "tgb",
        "yhn", "ujm", "zaq1xsw2cde3vfr4bgt5nhy6mju7", "zaq12wsxcde34rfvbgt56yhnmju78ik", "zaqxswcdevfrbgtnhymju",
        "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "1a2s3d4f5g6h7j8k9l", "a1s2d3f4g5h6", "1z2x3c4v5b6n7m",
        "qawsedrftgyhujikolp", "qwaszx", "qweasdzxc", "azsxdcfvgbhnjmk", "asdqwezxc", "qwerasdfzxcv", "qwsazx",
        // Sequences of digits and letters.
        "0123456789", "01234567891011121314151617181920", "1234567891011121314151617181920", "0987654321",
        "abcdefghijklmnopqrstuvwxyz", "a1b2c3d4e5f6g7h8i9j0", "1a2b3c4d5e6f7g8h9i0j", "aabbccddeeffgghh",
        "00112233445566778899", "111222333444555666777888999000", "11112222333344445555", "13579", "2468", "1357924680",
        "0102030405060708090", "1020304050607080",
        "5201314", "1314520", "3141592653589793", "2718281828",
        // The numeric keypad.
        "147258369", "741852963", "789456123", "963852741", "159357", "159753", "123654789", "147896325", "357159",
    ]

    /// The positions of a scalar in each row, forwards and backwards.
    static let positions: [Unicode.Scalar: [(row: [Unicode.Scalar], position: Int)]] = {
        var positions: [Unicode.Scalar: [(row: [Unicode.Scalar], position: Int)]] = [:]
        for row in rows.map(PasswordGuess.plain).flatMap({ [$0, $0.reversed()] }) {
            for (position, scalar) in row.enumerated() { positions[scalar, default: []].append((row, position)) }
        }
        return positions
    }()

    /// The digit keys with shift on an American keyboard.
    static let unshifted: [Unicode.Scalar: Unicode.Scalar] = [
        "!": "1", "@": "2", "#": "3", "$": "4", "%": "5", "^": "6", "&": "7", "*": "8", "(": "9", ")": "0", "_": "-",
        "+": "=",
    ]
}
