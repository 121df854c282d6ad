/// Passwords that many people choose, though they are long enough: known words with digits and marks around them, words
/// twice, and walks over the keyboard.
enum CommonPasswords {
    static func contains(_ password: String) -> Bool {
        if isWalk(password.lowercased()) { return true }
        // Years and marks at the ends are no disguise, but what they are.
        let middle = password.lowercased().drop { !$0.isLetter }.reversed().drop { !$0.isLetter }.reversed()
        let letters = plain(String(middle)).filter(\.isLetter)
        // What is left when the known words are taken out; a password made of little else is a common one.
        var rest = letters
        for word in words { rest = rest.replacing(word, with: "") }
        return rest.count < 3 && rest.count < letters.count
    }

    /// Without the usual disguises: `p@ssw0rd` is "password".
    private static func plain(_ text: String) -> String {
        String(
            text.map { character in
                switch character {
                case "@", "4": "a"
                case "0": "o"
                case "3": "e"
                case "$", "5": "s"
                case "7": "t"
                case "!": "i"
                default: character
                }
            })
    }

    /// A text of which every few characters follow each other on a row of the keyboard, in the alphabet or as digits, or
    /// repeat themselves.
    private static func isWalk(_ text: String) -> Bool {
        let characters = Array(text)
        for length in 1...6 where characters.count % length == 0 || length < 4 {
            let isRepeated = characters.indices.dropFirst(length).allSatisfy {
                characters[$0] == characters[$0 - length]
            }
            if isRepeated { return true }
        }
        let steps = zip(characters, characters.dropFirst())
        let walked = steps.count { pair in rows.contains { $0.contains("\(pair.0)\(pair.1)") } }
        return walked >= characters.count - 3
    }

    private static let rows: [String] = {
        let rows = [
            "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertz", "azerty", "abcdefghijklmnopqrstuvwxyz",
            "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
        ]
        return rows + rows.map { String($0.reversed()) }
    }()

    /// The longest first, so that a word inside another does not break it.
    private static let words: [String] = [
        "administrator", "motdepasse", "passwort", "password", "passw", "passphrase", "contrasena", "changeme",
        "letmein", "welcome", "willkommen", "iloveyou", "qwertyuiop", "qwertz", "qwerty", "azerty", "asdfgh", "zxcvbn",
        "abcdef", "abc", "admin", "root", "login", "user", "guest", "test", "demo", "default", "secret", "geheim",
        "master", "access", "trustno", "superman", "batman", "spiderman", "starwars", "pokemon", "minecraft",
        "princess", "sunshine", "shadow", "monkey", "dragon", "football", "baseball", "basketball", "soccer", "hockey",
        "liverpool", "chelsea", "arsenal", "barcelona", "ferrari", "mercedes", "porsche", "summer", "winter", "spring",
        "autumn", "sommer", "january", "february", "september", "october", "november", "december", "monday", "friday",
        "michael", "jennifer", "jessica", "daniel", "charlie", "thomas", "jordan", "ashley", "andrew", "nicole",
        "hello", "hallo", "whatever", "freedom", "computer", "internet", "google", "facebook", "samsung", "company",
        "office", "london", "berlin", "paris", "correcthorsebatterystaple", "mypassword", "thisis", "the", "my",
    ].sorted { $0.count > $1.count }
}
