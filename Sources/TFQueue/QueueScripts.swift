/// A Lua script, run by the digest of its source.
struct Script: Sendable, Hashable {
    let name: String
    let source: String
}

/// One run of a script.
struct ScriptCall: Sendable {
    let script: Script
    let keys: [String]
    let arguments: [String]

    func command(sha: String) -> [String] { ["EVALSHA", sha, String(keys.count)] + keys + arguments }
}

/// Every change of the queues is one of these scripts, so that no reader ever sees half of one.
///
/// Common to all: `KEYS[1]` is the epoch and `ARGV[1]` the epoch expected; another one answers `{'EPOCH'}` and changes
/// nothing. `KEYS[2]` is the high-water mark and `ARGV[2]` the outbox id that asks for the change. Pushes come before
/// counts: a script that fails in the middle is not rolled back, and a job that is listed but not counted is found by
/// the audit, while one that is counted but not listed would be lost work.
enum QueueScripts {
    /// The guard, and what several scripts do.
    private static let prelude = """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'EPOCH'} end
        local company = ARGV[3]
        local prefix = 'tf:{' .. company .. '}:'

        local function applied()
            local mark = tonumber(redis.call('GET', KEYS[2]) or '0')
            if tonumber(ARGV[2]) > mark then redis.call('SET', KEYS[2], ARGV[2]) end
        end

        -- Puts a worker's score right in every set he is available in: length first, then who waited longest.
        local function rescore(worker)
            local details = redis.call('HMGET', prefix .. 'worker:' .. worker, 'state', 'roles', 'last')
            if details[1] ~= 'available' then return end
            local length = tonumber(redis.call('ZSCORE', prefix .. 'open', worker) or '0')
            local score = length + tonumber(details[3] or '0') / 1099511627776
            redis.call('ZADD', prefix .. 'avail:_any', score, worker)
            for role in string.gmatch(details[2] or '', '[^,]+') do
                redis.call('ZADD', prefix .. 'avail:' .. role, score, worker)
            end
        end

        local function push(list, jid, rest, role, attempt)
            local name = company .. '.' .. list
            local element = '{"queue":"' .. name .. '"' .. rest
            redis.call('LPUSH', 'queue:' .. name, element)
            redis.call('SADD', 'queues', name)
            redis.call('HSET', prefix .. 'job:' .. jid, 'worker', list, 'role', role, 'json', element,
                'attempt', attempt)
        end

        -- Takes a job out of the list it stands in; a person's length shrinks.
        local function pull(jid)
            local job = redis.call('HMGET', prefix .. 'job:' .. jid, 'worker', 'json')
            if not job[1] or not job[2] then return end
            redis.call('LREM', 'queue:' .. company .. '.' .. job[1], -1, job[2])
            if string.sub(job[1], 1, 1) == '_' then return end
            if tonumber(redis.call('ZINCRBY', prefix .. 'open', -1, job[1])) <= 0 then
                redis.call('ZREM', prefix .. 'open', job[1])
            end
            rescore(job[1])
        end

        local function give(worker, jid, rest, role, attempt)
            push(worker, jid, rest, role, attempt)
            redis.call('ZINCRBY', prefix .. 'open', 1, worker)
            local turn = redis.call('INCR', prefix .. 'seq')
            if redis.call('EXISTS', prefix .. 'worker:' .. worker) == 1 then
                redis.call('HSET', prefix .. 'worker:' .. worker, 'last', turn)
                rescore(worker)
            end
        end

        """

    /// Gives a job to the available, eligible worker with the shortest list; ties to who was assigned to least recently.
    ///
    ///     KEYS[1] epoch  KEYS[2] hwm  KEYS[3] the set of available workers  KEYS[4] job
    ///     ARGV[1] epoch  ARGV[2] outbox id  ARGV[3] company  ARGV[4] jid  ARGV[5] the job's JSON behind its queue's
    ///     name  ARGV[6] role or "any"  ARGV[7] attempt  ARGV[8] preferred login or ""  ARGV[9…] excluded logins
    ///
    /// Returns `{'OK', worker, length before, available, excluded among those passed, next, its length, …}` with up to
    /// five next; `{'DUP', worker}` for a job that somebody has; `{'POOL', available}` when there is nobody.
    /// O((R+1) log W): R roles of the chosen, W available workers.
    static let assign = Script(
        name: "assign",
        source: prelude + """
            local jid = ARGV[4]
            local holder = redis.call('HGET', KEYS[4], 'worker')
            if holder and string.sub(holder, 1, 1) ~= '_' then
                applied()
                return {'DUP', holder}
            end
            local excluded = {}
            for index = 9, #ARGV do excluded[ARGV[index]] = true end
            local available = redis.call('ZCARD', KEYS[3])
            local chosen, length = nil, 0
            if ARGV[8] ~= '' and not excluded[ARGV[8]] then
                local score = redis.call('ZSCORE', KEYS[3], ARGV[8])
                if score then chosen, length = ARGV[8], math.floor(tonumber(score)) end
            end
            local following, passed, offset = {}, 0, 0
            while not chosen or #following < 10 do
                local batch = redis.call('ZRANGE', KEYS[3], offset, offset + 7, 'WITHSCORES')
                if #batch == 0 then break end
                for index = 1, #batch, 2 do
                    local worker, open = batch[index], math.floor(tonumber(batch[index + 1]))
                    if excluded[worker] then
                        passed = passed + 1
                    elseif not chosen then
                        chosen, length = worker, open
                    elseif worker ~= chosen and #following < 10 then
                        following[#following + 1] = worker
                        following[#following + 1] = tostring(open)
                    end
                end
                offset = offset + 8
            end
            if not chosen then
                local pool = '_unassigned.' .. ARGV[6]
                if holder ~= pool then
                    pull(jid)
                    push(pool, jid, ARGV[5], ARGV[6], ARGV[7])
                end
                applied()
                return {'POOL', available}
            end
            pull(jid)
            give(chosen, jid, ARGV[5], ARGV[6], ARGV[7])
            redis.call('HINCRBY', prefix .. 'stat', 'assigned', 1)
            applied()
            local answer = {'OK', chosen, length, available, passed}
            for _, value in ipairs(following) do answer[#answer + 1] = value end
            return answer
            """)

    /// Puts a job into a given list: of the worker who has it, or of the unassigned.
    ///
    ///     KEYS[1] epoch  KEYS[2] hwm  KEYS[3] job
    ///     ARGV[1] epoch  ARGV[2] outbox id  ARGV[3] company  ARGV[4] jid  ARGV[5] JSON behind the queue's name
    ///     ARGV[6] role or "any"  ARGV[7] attempt  ARGV[8] login or `_unassigned.<role>`
    ///
    /// Returns `{'OK'}`, or `{'DUP', list}` when it stands there already.
    static let place = Script(
        name: "place",
        source: prelude + """
            local holder = redis.call('HGET', KEYS[3], 'worker')
            if holder == ARGV[8] then
                applied()
                return {'DUP', holder}
            end
            if holder then pull(ARGV[4]) end
            if string.sub(ARGV[8], 1, 1) == '_' then
                push(ARGV[8], ARGV[4], ARGV[5], ARGV[6], ARGV[7])
            else
                give(ARGV[8], ARGV[4], ARGV[5], ARGV[6], ARGV[7])
            end
            applied()
            return {'OK'}
            """)

    /// Takes a job out of its list: done, withdrawn, or given to somebody else.
    ///
    ///     KEYS[1] epoch  KEYS[2] hwm  KEYS[3] job
    ///     ARGV[1] epoch  ARGV[2] outbox id  ARGV[3] company  ARGV[4] jid
    ///
    /// Returns `{'OK'}`; also for a job that is not there. Leaves a tombstone for an hour.
    static let remove = Script(
        name: "remove",
        source: prelude + """
            if redis.call('HEXISTS', KEYS[3], 'json') == 1 then
                pull(ARGV[4])
                redis.call('HDEL', KEYS[3], 'json')
                redis.call('HSET', KEYS[3], 'state', 'done')
                redis.call('EXPIRE', KEYS[3], 3600)
                redis.call('HINCRBY', prefix .. 'stat', 'removed', 1)
            end
            applied()
            return {'OK'}
            """)

    /// Makes a worker what the store says: roles, available or away, or no worker at all.
    ///
    ///     KEYS[1] epoch  KEYS[2] hwm  KEYS[3] worker
    ///     ARGV[1] epoch  ARGV[2] outbox id  ARGV[3] company  ARGV[4] login  ARGV[5] roles, by commas
    ///     ARGV[6] `available`, `away` or `gone`
    ///
    /// Returns `{'OK'}`.
    static let worker = Script(
        name: "worker",
        source: prelude + """
            local login = ARGV[4]
            redis.call('ZREM', prefix .. 'avail:_any', login)
            for role in string.gmatch(redis.call('HGET', KEYS[3], 'roles') or '', '[^,]+') do
                redis.call('ZREM', prefix .. 'avail:' .. role, login)
            end
            if ARGV[6] == 'gone' then
                redis.call('DEL', KEYS[3])
            else
                redis.call('HSET', KEYS[3], 'kind', 'person', 'roles', ARGV[5], 'state', ARGV[6])
                rescore(login)
            end
            applied()
            return {'OK'}
            """)

    /// Deletes everything of a company by name, whatever type it has, and begins a rebuild: until the epoch is written
    /// as commit mark, it is `rebuilding:<epoch>`.
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
            redis.call('DEL', prefix .. 'open', prefix .. 'avail:_any', prefix .. 'seq', prefix .. 'hwm')
            for role in string.gmatch(ARGV[4], '[^,]+') do redis.call('DEL', prefix .. 'avail:' .. role) end
            for login in string.gmatch(ARGV[5], '[^,]+') do redis.call('DEL', prefix .. 'worker:' .. login) end
            redis.call('DEL', KEYS[1])
            redis.call('SET', KEYS[1], 'rebuilding:' .. ARGV[2])
            return count
            """)
}
