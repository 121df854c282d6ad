import CZlib

/// Compression of answers (RFC 1952).
enum Gzip {
    static func compress(_ bytes: [UInt8]) -> [UInt8] {
        var stream = z_stream()
        let started = deflateInit2_(
            &stream, Z_BEST_COMPRESSION, Z_DEFLATED, gzipWindow, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(started == Z_OK, "zlib's header and library fit together")
        defer { deflateEnd(&stream) }
        let longest = Int(deflateBound(&stream, UInt(bytes.count)))
        var input = bytes
        return input.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            return [UInt8](unsafeUninitializedCapacity: longest) { output, count in
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                let ended = deflate(&stream, Z_FINISH)
                precondition(ended == Z_STREAM_END, "deflateBound's room is enough for one call")
                count = Int(stream.total_out)
            }
        }
    }

    /// The widest window, and 16 for gzip's header and trailer instead of zlib's (zlib.h, deflateInit2).
    private static let gzipWindow = MAX_WBITS + 16
}
