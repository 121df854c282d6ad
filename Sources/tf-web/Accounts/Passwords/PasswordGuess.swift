import Foundation
import TFExpression

/// Estimates how soon a password is guessed by somebody who knows how people make up passwords.
///
/// A password is divided into pieces: common words, keyboard rows, years, digits, repeats of earlier text, else single
/// characters. Each piece has a price: the decimal logarithm of the number of tries. Of all divisions the cheapest
/// counts. So no list of whole passwords is needed, and capitals, accents and the usual disguises (`p@ssw0rd`) do not
/// help. Source: the idea is that of D. Wheeler, "zxcvbn: Low-Budget Password Strength Estimation", USENIX Security
/// 2016.
struct PasswordGuess {
    /// The kind of a piece, with its name in messages.
    enum Piece: String, CaseIterable {
        case word = "common words"
        case own = "names that belong to you or to this site"
        case row = "rows of keys or letters"
        case year = "years"
        case digit = "digits"
        case again = "repeats"
        case other = "a few more characters"
    }

    /// The lowest price of an acceptable password: a million tries.
    static let least = 6.0
    /// Scalars of a password that are judged; a longer one is judged by its beginning.
    private static let longest = 128

    let price: Double
    /// The kinds of pieces in the cheapest division, each once; empty if the price is not too low.
    let pieces: [Piece]

    /// - Parameter names: the names of the person, their companies and the site, which an attacker knows too.
    init(_ password: String, names: [String]) {
        let text = Array(Self.plain(password).prefix(Self.longest))
        let own = names.flatMap { name in
            [Self.plain(name)]
                + name.unicodeScalars.split { !$0.properties.isAlphabetic }.map { Self.plain(String($0)) }
        }.filter { $0.count >= 3 }
        let unshifted = text.map { PasswordRows.unshifted[$0] ?? $0 }
        let joined = text.filter { $0.properties.isAlphabetic || ("0"..."9").contains($0) }
        // As typed, with shifted digit keys as their digits, and without punctuation between pieces.
        let readings = [
            Reading(text, own, from: 0), Reading(unshifted, own, from: 0.3),
            Reading(joined, own, from: 0.3 + 0.3 * Double(text.count - joined.count)),
        ]
        let best = readings.min { $0.price < $1.price }
        price = best?.price ?? 0
        pieces = best?.pieces ?? []
    }

    /// The text in lower case and without accents.
    static func plain(_ text: String) -> [Unicode.Scalar] {
        Array(text.folded.withoutAccents.unicodeScalars)
    }
}

/// The cheapest division of a password into pieces, found from left to right.
private struct Reading {
    private let text: [Unicode.Scalar]
    /// The least price of the text up to each position, and the piece that ends there.
    private var prices: [Double]
    private var ends: [(piece: PasswordGuess.Piece, start: Int)]

    init(_ text: [Unicode.Scalar], _ own: [[Unicode.Scalar]], from price: Double) {
        self.text = text
        prices = [Double](repeating: .infinity, count: text.count + 1)
        ends = Array(repeating: (.other, 0), count: text.count + 1)
        prices[0] = price
        // Once the price is high enough, it cannot fall again.
        for start in text.indices where prices[start] < PasswordGuess.least {
            offerCharacter(start)
            offerYear(start)
            offerRows(start)
            offerRepeats(start)
            for word in CommonWords.starting(as: text[start]) { offer(word, .word, 1.9, at: start) }
            for word in own { offer(word, .own, 1.4, at: start) }
        }
    }

    var price: Double { prices[text.count] }

    var pieces: [PasswordGuess.Piece] {
        var found: Set<PasswordGuess.Piece> = []
        var end = text.count
        while end > 0, prices[end] < .infinity {
            found.insert(ends[end].piece)
            end = ends[end].start
        }
        return PasswordGuess.Piece.allCases.filter(found.contains)
    }

    private mutating func offer(_ piece: PasswordGuess.Piece, _ start: Int, _ length: Int, _ price: Double) {
        guard prices[start] + price < prices[start + length] else { return }
        prices[start + length] = prices[start] + price
        ends[start + length] = (piece, start)
    }

    private mutating func offerCharacter(_ start: Int) {
        let scalar = text[start]
        switch scalar {
        case "0"..."9": offer(.digit, start, 1, 0.7)
        case "a"..."z": offer(.other, start, 1, 1.4)
        case "!", ".", "?", "*", "#", "$", "@": offer(.other, start, 1, start == text.count - 1 ? 0.5 : 1.5)
        default: offer(.other, start, 1, scalar.value < 0x800 ? 1.5 : 3)
        }
    }

    private mutating func offerYear(_ start: Int) {
        guard start + 4 <= text.count else { return }
        let digits = text[start..<(start + 4)].map { Int($0.value) - 0x30 }
        guard digits.allSatisfy((0...9).contains) else { return }
        let year = digits.reduce(0) { $0 * 10 + $1 }
        if (1900...2039).contains(year) { offer(.year, start, 4, 1.3) }
    }

    /// Three or more keys in a row; those from the end of a row are chosen more often.
    private mutating func offerRows(_ start: Int) {
        for (row, position) in PasswordRows.positions[text[start]] ?? [] {
            var length = 1
            while start + length < text.count, position + length < row.count,
                text[start + length] == row[position + length]
            {
                length += 1
                if length >= 3 { offer(.row, start, length, position == 0 ? 1 : 1.4) }
            }
        }
    }

    /// Three or more characters that repeat earlier ones.
    private mutating func offerRepeats(_ start: Int) {
        guard start > 0 else { return }
        for distance in 1...start {
            var length = 0
            while start + length < text.count, text[start + length] == text[start - distance + length] { length += 1 }
            guard length >= 3 else { continue }
            offer(.again, start, length, 0.7)
            // Also only whole repetitions, since another piece may begin after them.
            let rounds = length / distance * distance
            if rounds >= 3 { offer(.again, start, rounds, 0.7) }
        }
    }

    private mutating func offer(_ word: [Unicode.Scalar], _ piece: PasswordGuess.Piece, _ price: Double, at start: Int)
    {
        guard start + word.count <= text.count else { return }
        var isDisguised = false
        for (given, wanted) in zip(text[start...], word) where given != wanted {
            guard CommonWords.disguises[given]?.contains(wanted) == true else { return }
            isDisguised = true
        }
        offer(piece, start, word.count, price + (isDisguised ? 0.3 : 0))
    }
}
