import Foundation

extension String {
    /// The text as it is compared when people search: without case in any alphabet, composed and decomposed writing
    /// alike, wide and narrow forms alike, without invisible marks.
    ///
    /// Both what is stored and what is looked for are folded here and nowhere else. `Straße`, `STRASSE` and `straẞe` are
    /// the same, so are `Σ`, `σ` and `ς`, and `İ` and `i`. Accents count: `uber` is not `über`.
    /// Source: Unicode 16, chapter 3.13, `toNFKC_Casefold`; the scalars of the result are left decomposed.
    package var folded: String {
        if utf8.allSatisfy({ $0 < 0x80 }) { return lowercased() }
        var folded = String.UnicodeScalarView()
        for scalar in decomposedStringWithCompatibilityMapping.unicodeScalars {
            if scalar.properties.isDefaultIgnorableCodePoint { continue }
            // Up and down again, each as the scalar's own full mapping: ß and ẞ become ss, and ς becomes σ.
            for lower in scalar.properties.lowercaseMapping.unicodeScalars {
                for upper in lower.properties.uppercaseMapping.unicodeScalars {
                    folded.append(contentsOf: upper.properties.lowercaseMapping.unicodeScalars)
                }
            }
        }
        // What the mappings made may be composed again.
        var scalars = String.UnicodeScalarView()
        for scalar in String(folded).decomposedStringWithCompatibilityMapping.unicodeScalars {
            // The dot of a Turkish İ: without it, `istanbul` finds `İstanbul`.
            if scalar == "\u{307}", scalars.last == "i" { continue }
            scalars.append(scalar)
        }
        return String(scalars)
    }
}
