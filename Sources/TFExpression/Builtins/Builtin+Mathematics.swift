import Foundation

/// jq's mathematics: the functions of C's `math.h`.
extension Builtin {
    static let mathematics: [Builtin] =
        unary.map { name, apply in
            Builtin(name) { (input) throws(ExpressionError) in .double(apply(try number(input))) }
        }
        + binary.map { name, apply in
            Builtin(name) { (_, left, right) throws(ExpressionError) in
                .double(apply(try number(left), try number(right)))
            }
        } + special

    private static let unary: [(String, @Sendable (Double) -> Double)] = [
        ("floor", { $0.rounded(.down) }), ("ceil", { $0.rounded(.up) }), ("trunc", { $0.rounded(.towardZero) }),
        ("round", { $0.rounded() }), ("rint", { $0.rounded(.toNearestOrEven) }),
        ("nearbyint", { $0.rounded(.toNearestOrEven) }), ("sqrt", { $0.squareRoot() }),
        ("cbrt", { Foundation.cbrt($0) }),
        ("exp", { Foundation.exp($0) }), ("exp2", { Foundation.exp2($0) }), ("exp10", { Foundation.pow(10, $0) }),
        ("expm1", { Foundation.expm1($0) }), ("log", { Foundation.log($0) }), ("log2", { Foundation.log2($0) }),
        ("log10", { Foundation.log10($0) }), ("log1p", { Foundation.log1p($0) }), ("logb", { Foundation.logb($0) }),
        ("sin", { Foundation.sin($0) }), ("cos", { Foundation.cos($0) }), ("tan", { Foundation.tan($0) }),
        ("asin", { Foundation.asin($0) }), ("acos", { Foundation.acos($0) }), ("atan", { Foundation.atan($0) }),
        ("sinh", { Foundation.sinh($0) }), ("cosh", { Foundation.cosh($0) }), ("tanh", { Foundation.tanh($0) }),
        ("asinh", { Foundation.asinh($0) }), ("acosh", { Foundation.acosh($0) }), ("atanh", { Foundation.atanh($0) }),
        ("tgamma", { Foundation.tgamma($0) }), ("lgamma", { logarithmOfGamma($0).value }),
        ("gamma", { logarithmOfGamma($0).value }), ("significand", { significand($0) }), ("j0", { Foundation.j0($0) }),
        ("j1", { Foundation.j1($0) }), ("y0", { Foundation.y0($0) }), ("y1", { Foundation.y1($0) }),
    ]

    private static let binary: [(String, @Sendable (Double, Double) -> Double)] = [
        ("pow", { Foundation.pow($0, $1) }), ("atan2", { Foundation.atan2($0, $1) }),
        ("fmod", { Foundation.fmod($0, $1) }), ("fmin", { Foundation.fmin($0, $1) }),
        ("fmax", { Foundation.fmax($0, $1) }), ("fdim", { Foundation.fdim($0, $1) }),
        ("hypot", { Foundation.hypot($0, $1) }), ("copysign", { Foundation.copysign($0, $1) }),
        ("nextafter", { Foundation.nextafter($0, $1) }), ("nexttoward", { Foundation.nextafter($0, $1) }),
        ("drem", { Foundation.remainder($0, $1) }), ("ldexp", { scaled($0, $1) }), ("scalb", { scaled($0, $1) }),
        ("scalbln", { scaled($0, $1) }),
    ]

    private static let special: [Builtin] = [
        Builtin(
            "fma", 3,
            .value { (_, arguments) throws(ExpressionError) in
                .double(Foundation.fma(try number(arguments[0]), try number(arguments[1]), try number(arguments[2])))
            }),
        Builtin("abs") { (input) throws(ExpressionError) in
            if case .number(let number) = input { return .number(number.magnitude) }
            guard input.order(against: 0) >= 0 else { throw .raised(.string("\(input.errorText) cannot be negated")) }
            return input
        },
        Builtin("fabs") { (input) throws(ExpressionError) in .double(abs(try number(input))) },
        Builtin("infinite") { _ in .double(.infinity) },
        Builtin("nan") { _ in .double(.nan) },
        Builtin("isinfinite") { (input) throws(ExpressionError) in .bool(try number(input).isInfinite) },
        Builtin("isnan") { (input) throws(ExpressionError) in .bool(try number(input).isNaN) },
        Builtin("isnormal") { (input) throws(ExpressionError) in .bool(try number(input).isNormal) },
        Builtin("frexp") { (input) throws(ExpressionError) in
            let value = try number(input)
            guard value.isFinite, value != 0 else { return [.double(value), 0] }
            let parts = Foundation.frexp(value)
            // The C library's function loses the sign.
            return [.double(Foundation.copysign(parts.0, value)), .int(parts.1)]
        },
        Builtin("modf") { (input) throws(ExpressionError) in
            let value = try number(input)
            if value.isInfinite { return [0, .double(value)] }
            let whole = value.rounded(.towardZero)
            return [.double(value - whole), .double(whole)]
        },
        Builtin("lgamma_r") { (input) throws(ExpressionError) in
            let (value, sign) = logarithmOfGamma(try number(input))
            return [.double(value), .int(sign)]
        },
    ]

    static func number(_ input: JSON) throws(ExpressionError) -> Double {
        guard let number = input.doubleValue else { throw .raised(.string("\(input.errorText) number required")) }
        return number
    }

    private static func scaled(_ value: Double, _ exponent: Double) -> Double {
        exponent.isNaN ? .nan : Foundation.scalbn(value, Int(max(-100_000, min(100_000, exponent))))
    }

    private static func significand(_ value: Double) -> Double {
        guard value.isFinite, value != 0 else { return value }
        return value.sign == .minus ? -value.significand : value.significand
    }

    private static func logarithmOfGamma(_ value: Double) -> (value: Double, sign: Int) {
        var sign: Int32 = 0
        let result = lgamma_r(value, &sign)
        return (result, Int(sign))
    }
}
