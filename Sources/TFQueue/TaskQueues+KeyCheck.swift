extension QueueScripts {
    /// Finds keys with a wrong type, number or expiry, and mends them if asked to.
    ///
    ///     KEYS[…] the keys to look at; to mend the keys of one company, then its epoch
    ///     ARGV[1] "mend", or "" to change nothing; then for each key: its type, which numbers to look at
    ///     (`QueueKeyKind.rule`), and "rebuilt" if a rebuild makes its content, else ""
    ///
    /// A missing key is no fault here: the audit finds those. A key of another type, or with a number that scripts
    /// cannot count with, is deleted; an expiry is taken off.
    /// With a key that a rebuild makes again, the epoch is deleted in the same step. So even if the caller is killed
    /// right after it, a deleted list is never mistaken for one whose jobs were taken by programs.
    /// Returns for each fault the key's position, and the wrong type, `content` or `expiry`.
    static let inspect = Script(
        name: "inspect",
        source: """
            -- A length of at most 15 digits is exact in Lua; turns are fractions of 2^40 in a score.
            local function isNumber(text, limit)
                return text and #text <= 15 and string.match(text, '^%d+$') and tonumber(text) < limit
            end
            local function isRight(key, rule)
                if rule == 'number' then return isNumber(redis.call('GET', key), 1e15) end
                if rule == 'turn' then return isNumber(redis.call('GET', key), 1099511627776) end
                if rule == 'worker' then
                    local last = redis.call('HGET', key, 'last')
                    return not last or isNumber(last, 1099511627776)
                end
                if rule == 'counters' then
                    if redis.call('HLEN', key) > 100 then return false end
                    for _, value in ipairs(redis.call('HVALS', key)) do
                        if not isNumber(value, 1e15) then return false end
                    end
                end
                return true
            end
            local answer = {}
            local count = (#ARGV - 1) / 3
            local isContentGone = false
            for index = 1, count do
                local key = KEYS[index]
                local wanted, rule, origin = ARGV[3 * index - 1], ARGV[3 * index], ARGV[3 * index + 1]
                local kind = redis.call('TYPE', key).ok
                local fault = nil
                if kind ~= 'none' then
                    if kind ~= wanted then fault = kind
                    elseif not isRight(key, rule) then fault = 'content'
                    elseif redis.call('PTTL', key) >= 0
                        -- A tombstone has one.
                        and not (rule == 'job' and redis.call('HGET', key, 'state') == 'done') then fault = 'expiry' end
                end
                if fault then
                    answer[#answer + 1] = index
                    answer[#answer + 1] = fault
                    if ARGV[1] == 'mend' then
                        redis.call(fault == 'expiry' and 'PERSIST' or 'DEL', key)
                        if fault ~= 'expiry' and origin == 'rebuilt' then isContentGone = true end
                    end
                end
            end
            if isContentGone and KEYS[count + 1] then redis.call('DEL', KEYS[count + 1]) end
            return answer
            """)
}

extension TaskQueues {
    private static let keysInOneCall = 500

    /// Finds keys with a wrong type, number or expiry. Nothing is changed.
    public func faults(of keys: [QueueKey]) async throws(QueueError) -> [KeyFault] {
        try await inspect(keys, mode: "", epoch: [])
    }

    /// Finds the same faults and mends them in the same step. A rebuild then makes what was deleted: the company has no
    /// epoch until it is rebuilt.
    /// - Parameter company: the company of these keys; nil: keys that all companies share.
    /// - Returns: what was wrong.
    public func mendKeys(_ keys: [QueueKey], company: String?) async throws(QueueError) -> [KeyFault] {
        try await inspect(keys, mode: "mend", epoch: company.map { [QueueKeys(company: $0).epoch] } ?? [])
    }

    private func inspect(_ keys: [QueueKey], mode: String, epoch: [String]) async throws(QueueError) -> [KeyFault] {
        var faults: [KeyFault] = []
        for start in stride(from: 0, to: keys.count, by: Self.keysInOneCall) {
            let slice = Array(keys[start..<min(start + Self.keysInOneCall, keys.count)])
            let call = ScriptCall(
                script: QueueScripts.inspect, keys: slice.map(\.name) + epoch,
                arguments: [mode]
                    + slice.flatMap { [$0.kind.type, $0.kind.rule, $0.kind.isRebuilt ? "rebuilt" : ""] })
            let reply = try await client.run([call])[0]
            if case .error(let reason) = reply { throw .refused(command: "the script inspect", reason: reason) }
            let answer = reply.elements
            for index in stride(from: 0, to: answer.count - 1, by: 2) {
                guard let number = answer[index].number, slice.indices.contains(number - 1) else { continue }
                faults.append(KeyFault(key: slice[number - 1], finding: .init(answer[index + 1].text ?? "")))
            }
        }
        return faults
    }
}

extension KeyFault.Finding {
    /// Reads the script's word for a fault.
    fileprivate init(_ word: String) {
        switch word {
        case "content": self = .content
        case "expiry": self = .expiry
        default: self = .type(word)
        }
    }
}
