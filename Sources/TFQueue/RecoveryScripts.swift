/// Scripts that bring Redis to what the store says, whatever it held before.
extension QueueScripts {
    /// Deletes the company's keys by name, whatever their types, and begins a rebuild: the epoch is
    /// `rebuilding:<epoch>` until the rebuild ends and writes the new epoch as its commit mark. Reports of programs
    /// stay.
    ///
    ///     KEYS[1] epoch
    ///     ARGV[1] company  ARGV[2] new epoch  ARGV[3] lists known to the store, by commas
    ///     ARGV[4] roles, by commas  ARGV[5] logins, by commas
    ///
    /// Returns the number of lists deleted.
    static let clear = Script(
        name: "clear",
        source: """
            local company = ARGV[1]
            local prefix = 'tf:{' .. company .. '}:'
            local lists = {}
            for name in string.gmatch(ARGV[3], '[^,]+') do lists[company .. '.' .. name] = true end
            if redis.call('TYPE', 'queues').ok == 'set' then
                for _, name in ipairs(redis.call('SMEMBERS', 'queues')) do
                    if string.sub(name, 1, #company + 1) == company .. '.' then lists[name] = true end
                end
            else
                redis.call('DEL', 'queues')
            end
            local count = 0
            for name in pairs(lists) do
                local key = 'queue:' .. name
                if redis.call('TYPE', key).ok == 'list' then
                    for _, element in ipairs(redis.call('LRANGE', key, 0, -1)) do
                        local jid = string.match(element, '"jid":"(%x+)"')
                        if jid then redis.call('DEL', prefix .. 'job:' .. jid) end
                    end
                end
                redis.call('DEL', key)
                redis.call('SREM', 'queues', name)
                count = count + 1
            end
            for _, kept in ipairs({{'results', 'list'}, {'stat', 'hash'}}) do
                if redis.call('TYPE', prefix .. kept[1]).ok ~= kept[2] then redis.call('DEL', prefix .. kept[1]) end
            end
            redis.call('DEL', prefix .. 'open', prefix .. 'seq', prefix .. 'hwm')
            local groups = {'_any', '_service'}
            for role in string.gmatch(ARGV[4], '[^,]+') do
                groups[#groups + 1] = role
                groups[#groups + 1] = '_service.' .. role
            end
            for _, group in ipairs(groups) do redis.call('DEL', prefix .. 'avail:' .. group, prefix .. 'turn:' .. group) end
            for login in string.gmatch(ARGV[5], '[^,]+') do redis.call('DEL', prefix .. 'worker:' .. login) end
            redis.call('DEL', KEYS[1])
            redis.call('SET', KEYS[1], 'rebuilding:' .. ARGV[2])
            return count
            """)

    /// Fills a list with jobs in their order, and writes each job's hash.
    ///
    ///     KEYS[1] epoch  KEYS[2] hwm
    ///     ARGV[1] epoch  ARGV[2] "0"  ARGV[3] company  ARGV[4] list  ARGV[5] login or `_unassigned.<role>`
    ///     then for each job: jid, element, role or "any", attempt, "1" where it is to stand in the list, else "0"
    ///
    /// Returns `{'OK'}`.
    static let fill = Script(
        name: "fill",
        source: """
            if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'EPOCH'} end
            local prefix = 'tf:{' .. ARGV[3] .. '}:'
            local name = ARGV[3] .. '.' .. ARGV[4]
            local isListed = false
            for index = 6, #ARGV, 5 do
                local key = prefix .. 'job:' .. ARGV[index]
                redis.call('DEL', key)
                redis.call('HSET', key, 'worker', ARGV[5], 'role', ARGV[index + 2], 'json', ARGV[index + 1],
                    'attempt', ARGV[index + 3])
                if ARGV[4] ~= ARGV[5] then redis.call('HSET', key, 'list', ARGV[4]) end
                if ARGV[index + 4] == '1' then
                    redis.call('LPUSH', 'queue:' .. name, ARGV[index + 1])
                    isListed = true
                end
            end
            if isListed then redis.call('SADD', 'queues', name) end
            return {'OK'}
            """)

    /// Removes elements that must not stand in a list.
    ///
    ///     KEYS[1] epoch  KEYS[2] hwm  KEYS[3] list
    ///     ARGV[1] epoch  ARGV[2] "0"  ARGV[3] company  ARGV[4] "all": the whole list goes; "": the elements that
    ///     follow
    ///
    /// Returns `{'OK'}`. A key that is not a list is deleted; `fill` then adds the missing jobs.
    static let purge = Script(
        name: "purge",
        source: """
            if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'EPOCH'} end
            local kind = redis.call('TYPE', KEYS[3]).ok
            if kind ~= 'list' or ARGV[4] == 'all' then
                redis.call('DEL', KEYS[3])
                return {'OK'}
            end
            for index = 5, #ARGV do redis.call('LREM', KEYS[3], 1, ARGV[index]) end
            return {'OK'}
            """)
}
