extension QueueScripts {
    /// Finds keys that are not what they have to be, and puts away what is wrong with them.
    ///
    ///     KEYS[…] the keys to look at; then the epoch of the company whose they are, where they are one's and are mended
    ///     ARGV[1] "mend", or "" to change nothing; then for each key: its type, what more to look at
    ///     (`QueueKeyKind.rule`), and "rebuilt" where a rebuild makes its content, else ""
    ///
    /// A key that is not there is none of these faults: what is missing, the audit finds. One of another type, or with a
    /// number that scripts cannot count with, is deleted; an expiry is taken off.
    /// The epoch goes with what a rebuild has to make again, in the same step: whoever is killed or refused after it, no
    /// list that is gone is taken for one whose jobs were fetched.
    /// Returns for each fault the key's position and another type, `content` or `expiry`.
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

    /// Finds those of some keys that are not what they have to be: of another type, with a number that is none, or with
    /// an expiry. Nothing is changed.
    public func faults(of keys: [QueueKey]) async throws(QueueError) -> [KeyFault] {
        try await inspect(keys, mode: "", epoch: [])
    }

    /// Finds the same faults, and puts away what is wrong in the same step. What is missing then, a rebuild makes: the
    /// company's content has no epoch until it was rebuilt.
    /// - Parameter company: whose keys these are; nil: all companies'.
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
    /// As the script says it.
    fileprivate init(_ word: String) {
        switch word {
        case "content": self = .content
        case "expiry": self = .expiry
        default: self = .type(word)
        }
    }
}
