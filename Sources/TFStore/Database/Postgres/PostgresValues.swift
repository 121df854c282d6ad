import CPQ

/// The types of columns and parameters that the store uses, by their numbers in `pg_type.dat` of PostgreSQL.
enum PostgresType: Oid {
    case boolean = 16
    case bytes = 17
    case name = 19
    case int8 = 20
    case int2 = 21
    case int4 = 23
    case text = 25
    case float8 = 701
    case unknown = 705
    case varchar = 1043
    case void = 2278

    /// A value as PostgreSQL sends it in its binary format, which is big-endian.
    func value(_ bytes: UnsafeRawBufferPointer) -> SQLValue {
        switch self {
        case .int8: .integer(bytes.bigEndian(Int64.self))
        case .int4: .integer(Int64(bytes.bigEndian(Int32.self)))
        case .int2: .integer(Int64(bytes.bigEndian(Int16.self)))
        case .boolean: .integer(bytes.first == 0 ? 0 : 1)
        case .float8: .real(Double(bitPattern: bytes.bigEndian(UInt64.self)))
        case .text, .varchar, .name, .unknown: .text(String(decoding: bytes, as: UTF8.self))
        case .bytes: .blob(Array(bytes))
        case .void: .null
        }
    }

    /// A value in the binary format of a parameter of this type; nil: it is of another kind.
    func bytes(of value: SQLValue) -> [UInt8]? {
        switch self {
        case .int8: value.integer.map(Self.bigEndian)
        case .int4: value.integer.flatMap(Int32.init(exactly:)).map(Self.bigEndian)
        case .int2: value.integer.flatMap(Int16.init(exactly:)).map(Self.bigEndian)
        case .float8: (value.real ?? value.integer.map(Double.init)).map { Self.bigEndian($0.bitPattern) }
        case .text, .varchar, .name, .unknown: value.text.map { Array($0.utf8) }
        case .bytes: value.blob
        case .boolean, .void: nil
        }
    }

    private static func bigEndian(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}

extension SQLValue {
    fileprivate var integer: Int64? { if case .integer(let number) = self { number } else { nil } }
    fileprivate var real: Double? { if case .real(let number) = self { number } else { nil } }
    fileprivate var text: String? { if case .text(let text) = self { text } else { nil } }
    fileprivate var blob: [UInt8]? { if case .blob(let bytes) = self { bytes } else { nil } }
}

extension UnsafeRawBufferPointer {
    fileprivate func bigEndian<Number: FixedWidthInteger>(_ type: Number.Type) -> Number {
        Number(bigEndian: loadUnaligned(as: type))
    }
}

/// The values of a statement's parameters, in one piece of memory, as libpq takes them.
struct PostgresParameters {
    private var bytes: [UInt8] = []
    /// For each parameter, where it begins in `bytes`; nil: NULL.
    private var starts: [Int?] = []
    private var lengths: [Int32] = []

    /// - Throws: `PostgresFailure` for values of another number or of other kinds than the statement has.
    init(_ values: [SQLValue], types: [Oid]) throws {
        guard values.count == types.count else {
            throw PostgresFailure(code: "42P02", message: "\(values.count) values for a statement of \(types.count)")
        }
        for (index, (value, type)) in zip(values, types).enumerated() {
            if case .null = value {
                starts.append(nil)
                lengths.append(0)
                continue
            }
            guard let encoded = PostgresType(rawValue: type)?.bytes(of: value) else {
                throw PostgresFailure(code: "42804", message: "$\(index + 1) is of the type \(type), and not \(value)")
            }
            starts.append(bytes.count)
            lengths.append(Int32(encoded.count))
            bytes += encoded
        }
        // A text without letters needs an address too.
        bytes.append(0)
    }

    /// Calls a function of libpq with the parameters: their number, addresses, lengths and formats.
    func with<Value>(
        _ call: (
            Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
        ) -> Value
    ) -> Value {
        bytes.withUnsafeBytes { memory in
            let first = memory.bindMemory(to: CChar.self).baseAddress
            let addresses = starts.map { start in start.flatMap { first?.advanced(by: $0) } }
            let formats = [Int32](repeating: 1, count: starts.count)
            return call(Int32(starts.count), addresses, lengths, formats)
        }
    }
}
