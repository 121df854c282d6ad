import Foundation

extension String {
    /// The text as searches compare it: case, composed and decomposed forms, wide and narrow forms, and invisible marks
    /// make no difference, in any alphabet.
    ///
    /// Stored texts and search words are folded by this function alone. `Straße`, `STRASSE` and `straẞe` are the same,
    /// so are `Σ`, `σ` and `ς`, and `İ` and `i`. Accents count, but where a text is searched for words (`withoutAccents`).
    /// Source: Unicode 16, chapter 3.13, `toNFKC_Casefold`; the scalars of the result are left decomposed.
    package var folded: String {
        if utf8.allSatisfy({ $0 < 0x80 }) { return lowercased() }
        var folded = String.UnicodeScalarView()
        for scalar in decomposedStringWithCompatibilityMapping.unicodeScalars {
            if scalar.properties.isDefaultIgnorableCodePoint { continue }
            // To upper case and back to lower case by the scalars' full mappings: ß and ẞ become ss, and ς becomes σ.
            for lower in scalar.properties.lowercaseMapping.unicodeScalars {
                for upper in lower.properties.uppercaseMapping.unicodeScalars {
                    folded.append(contentsOf: upper.properties.lowercaseMapping.unicodeScalars)
                }
            }
        }
        // The results of the mappings may be composed again.
        var scalars = String.UnicodeScalarView()
        for scalar in String(folded).decomposedStringWithCompatibilityMapping.unicodeScalars {
            // The dot of a Turkish İ is dropped, so that `istanbul` finds `İstanbul`.
            if scalar == "\u{307}", scalars.last == "i" { continue }
            scalars.append(scalar)
        }
        return String(scalars)
    }

    /// The text without the accents of its letters, decomposed: `muller` for `müller`, and `oeuvre` for `œuvre`. Marks that
    /// make another letter or vowel, as those of Thai, Devanagari and kana do, stay. Only small letters are looked at where
    /// Unicode does not take a letter apart: the text is folded already.
    package var withoutAccents: String {
        if utf8.allSatisfy({ $0 < 0x80 }) { return self }
        var plain = String.UnicodeScalarView()
        for scalar in decomposedStringWithCanonicalMapping.unicodeScalars where !scalar.isAccent {
            if let letters = scalar.plainLetters {
                plain.append(contentsOf: letters.unicodeScalars)
            } else {
                plain.append(scalar)
            }
        }
        return String(plain)
    }
}

extension Unicode.Scalar {
    /// The letters that people type for one with a stroke, or for two in one; nil: the letter stays.
    fileprivate var plainLetters: String? {
        switch self {
        case "æ": "ae"
        case "œ": "oe"
        case "ø": "o"
        case "ł": "l"
        case "đ", "ð": "d"
        case "þ": "th"
        case "ħ": "h"
        case "ı": "i"
        default: nil
        }
    }

    /// Whether it is one of Unicode's blocks of combining diacritical marks.
    fileprivate var isAccent: Bool {
        switch value {
        case 0x300...0x36F, 0x1AB0...0x1AFF, 0x1DC0...0x1DFF, 0x20D0...0x20FF, 0xFE20...0xFE2F: true
        default: false
        }
    }
}
