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

/// Every change of the queues is one of these scripts, so that no reader ever sees half of a change.
///
/// Common to all: `KEYS[1]` is the epoch and `ARGV[1]` the epoch expected; another one answers `{'EPOCH'}` and changes
/// nothing. `KEYS[2]` is the high-water mark and `ARGV[2]` the position of the outbox entry that asks for the change;
/// `ARGV[3]` is the company. Pushes come before counts: a script that fails in the middle is not rolled back, and a job
/// that is listed but not counted is found by the audit, while one that is counted but not listed would be lost work.
enum QueueScripts {
    /// The check of the epoch, and functions that several scripts share.
    static let prelude = """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'EPOCH'} end
        local company = ARGV[3]
        local prefix = 'tf:{' .. company .. '}:'

        local function applied()
            local mark = tonumber(redis.call('GET', KEYS[2]) or '0')
            if tonumber(ARGV[2]) > mark then redis.call('SET', KEYS[2], ARGV[2]) end
        end

        -- Calls a function with the name of each set that a worker of a kind with these roles may be in.
        local function groups(kind, roles, visit)
            if kind == 'service' then visit('_service') else visit('_any') end
            for role in string.gmatch(roles or '', '[^,]+') do
                if kind == 'service' then visit('_service.' .. role) else visit(role) end
            end
        end

        -- Puts a worker's score right in every set where they are available: length first, then who waited longest.
        local function rescore(worker, hasTurnChanged)
            local details = redis.call('HMGET', prefix .. 'worker:' .. worker, 'state', 'roles', 'last', 'kind')
            if details[1] ~= 'available' then return end
            local length = tonumber(redis.call('ZSCORE', prefix .. 'open', worker) or '0')
            local last = tonumber(details[3] or '0')
            local score = length + last / 1099511627776
            groups(details[4], details[2], function(group)
                redis.call('ZADD', prefix .. 'avail:' .. group, score, worker)
                if hasTurnChanged then redis.call('ZADD', prefix .. 'turn:' .. group, last, worker) end
            end)
        end

        local function push(list, worker, jid, rest, role, attempt)
            local name = company .. '.' .. list
            local element = '{"queue":"' .. name .. '"' .. rest
            redis.call('LPUSH', 'queue:' .. name, element)
            redis.call('SADD', 'queues', name)
            redis.call('HSET', prefix .. 'job:' .. jid, 'worker', worker, 'role', role, 'json', element,
                'attempt', attempt)
            if list ~= worker then redis.call('HSET', prefix .. 'job:' .. jid, 'list', list) end
        end

        -- Takes a job out of the list it stands in; a worker's length shrinks.
        local function pull(jid)
            local job = redis.call('HMGET', prefix .. 'job:' .. jid, 'worker', 'json', 'list')
            if not job[1] or not job[2] then return end
            redis.call('LREM', 'queue:' .. company .. '.' .. (job[3] or job[1]), -1, job[2])
            if job[3] then redis.call('HDEL', prefix .. 'job:' .. jid, 'list') end
            if string.sub(job[1], 1, 1) == '_' then return end
            if tonumber(redis.call('ZINCRBY', prefix .. 'open', -1, job[1])) <= 0 then
                redis.call('ZREM', prefix .. 'open', job[1])
            end
            rescore(job[1], false)
        end

        -- Writes a job again, in its place or in the other one of a program's two lists; one that a program has taken
        -- stays out of them.
        local function rewrite(jid, rest, suffix)
            local key = prefix .. 'job:' .. jid
            local job = redis.call('HMGET', key, 'worker', 'json', 'list')
            local worker, before = job[1], job[2]
            if not worker or not before then return end
            local list = worker
            if string.sub(worker, 1, 1) ~= '_' then list = worker .. suffix end
            local old, new = company .. '.' .. (job[3] or worker), company .. '.' .. list
            local element = '{"queue":"' .. new .. '"' .. rest
            if element == before then return end
            if old == new then
                redis.call('LINSERT', 'queue:' .. old, 'BEFORE', before, element)
                redis.call('LREM', 'queue:' .. old, -1, before)
            else
                redis.call('LPUSH', 'queue:' .. new, element)
                redis.call('SADD', 'queues', new)
                if redis.call('LREM', 'queue:' .. old, -1, before) == 0 then
                    redis.call('LREM', 'queue:' .. new, 1, element)
                end
            end
            redis.call('HSET', key, 'json', element)
            if list ~= worker then
                redis.call('HSET', key, 'list', list)
            else
                redis.call('HDEL', key, 'list')
            end
        end

        local function give(worker, jid, rest, role, attempt, suffix)
            push(worker .. suffix, worker, jid, rest, role, attempt)
            redis.call('ZINCRBY', prefix .. 'open', 1, worker)
            local turn = redis.call('INCR', prefix .. 'seq')
            if redis.call('EXISTS', prefix .. 'worker:' .. worker) == 1 then
                redis.call('HSET', prefix .. 'worker:' .. worker, 'last', turn)
                rescore(worker, true)
            end
        end

        """

    /// Gives a job to an available, eligible worker. By `avail:…` it is the one with the shortest list, ties to the one
    /// assigned to least recently; by `turn:…` it is the one assigned to least recently.
    ///
    ///     KEYS[1] epoch  KEYS[2] hwm  KEYS[3] the set to walk: `avail:…` or `turn:…`  KEYS[4] job  KEYS[5] open
    ///     KEYS[6] `avail:…`
    ///     ARGV[1] epoch  ARGV[2] position  ARGV[3] company  ARGV[4] jid  ARGV[5] the job's JSON between its queue's
    ///     name and the moment of its push  ARGV[6] role or "any"  ARGV[7] attempt  ARGV[8] ".urgent" or ""
    ///     ARGV[9] the JSON's end if nobody gets the job  ARGV[10] its end if a worker gets it
    ///     ARGV[11] preferred login or ""  ARGV[12…] excluded logins
    ///
    /// Returns `{'OK', worker, length before, available, excluded workers that were passed over, next, its length, …}`
    /// with up to five next; `{'DUP', worker}` for a job that a worker has, which then says the moment of this call;
    /// `{'POOL', available}` if nobody can have it. O((R+1) log W): R roles of the chosen worker, W available workers.
    static let assign = Script(
        name: "assign",
        source: prelude + """
            local jid = ARGV[4]
            local holder = redis.call('HGET', KEYS[4], 'worker')
            if holder and string.sub(holder, 1, 1) ~= '_' then
                rewrite(jid, ARGV[5] .. ARGV[10], ARGV[8])
                applied()
                return {'DUP', holder}
            end
            local excluded = {}
            for index = 12, #ARGV do excluded[ARGV[index]] = true end
            local byTurns = KEYS[3] ~= KEYS[6]
            local function length(worker, score)
                if byTurns then return tonumber(redis.call('ZSCORE', KEYS[5], worker) or '0') end
                return math.floor(tonumber(score))
            end
            local available = redis.call('ZCARD', KEYS[6])
            local chosen, open = nil, 0
            if ARGV[11] ~= '' and not excluded[ARGV[11]] then
                local score = redis.call('ZSCORE', KEYS[3], ARGV[11])
                if score then chosen, open = ARGV[11], length(ARGV[11], score) end
            end
            local following, passed, offset = {}, 0, 0
            while not chosen or #following < 10 do
                local batch = redis.call('ZRANGE', KEYS[3], offset, offset + 7, 'WITHSCORES')
                if #batch == 0 then break end
                for index = 1, #batch, 2 do
                    local worker = batch[index]
                    if excluded[worker] then
                        passed = passed + 1
                    elseif not chosen then
                        chosen, open = worker, length(worker, batch[index + 1])
                    elseif worker ~= chosen and #following < 10 then
                        following[#following + 1] = worker
                        following[#following + 1] = tostring(length(worker, batch[index + 1]))
                    end
                end
                offset = offset + 8
            end
            if not chosen then
                local pool = '_unassigned.' .. ARGV[6]
                if holder ~= pool then
                    pull(jid)
                    push(pool, pool, jid, ARGV[5] .. ARGV[9], ARGV[6], ARGV[7])
                end
                applied()
                return {'POOL', available}
            end
            pull(jid)
            give(chosen, jid, ARGV[5] .. ARGV[10], ARGV[6], ARGV[7], ARGV[8])
            redis.call('HINCRBY', prefix .. 'stat', 'assigned', 1)
            applied()
            local answer = {'OK', chosen, open, available, passed}
            for _, value in ipairs(following) do answer[#answer + 1] = value end
            return answer
            """)

    /// Puts a job into a given list: its worker's, or one of unassigned tasks.
    ///
    ///     KEYS[1] epoch  KEYS[2] hwm  KEYS[3] job
    ///     ARGV[1] epoch  ARGV[2] position  ARGV[3] company  ARGV[4] jid  ARGV[5] JSON behind the queue's name
    ///     ARGV[6] role or "any"  ARGV[7] attempt  ARGV[8] ".urgent" or ""  ARGV[9] login or `_unassigned.<role>`
    ///
    /// Returns `{'OK'}`, or `{'DUP', list}` if the job stands there already.
    static let place = Script(
        name: "place",
        source: prelude + """
            local holder = redis.call('HGET', KEYS[3], 'worker')
            if holder == ARGV[9] then
                applied()
                return {'DUP', holder}
            end
            if holder then pull(ARGV[4]) end
            if string.sub(ARGV[9], 1, 1) == '_' then
                push(ARGV[9], ARGV[9], ARGV[4], ARGV[5], ARGV[6], ARGV[7])
            else
                give(ARGV[9], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8])
            end
            applied()
            return {'OK'}
            """)

    /// Writes a job again because its task has another priority: in its place, or in the other one of a program's two
    /// lists. A job that a program has taken stays out of them.
    ///
    ///     KEYS[1] epoch  KEYS[2] hwm  KEYS[3] job
    ///     ARGV[1] epoch  ARGV[2] position  ARGV[3] company  ARGV[4] jid  ARGV[5] the job's JSON between its queue's
    ///     name and the moment of its push  ARGV[6] role or "any"  ARGV[7] attempt  ARGV[8] ".urgent" or ""
    ///     ARGV[9] the JSON's end if nobody has the job  ARGV[10] its end if a worker has it
    ///
    /// Returns `{'OK'}`; also for a job that is not there.
    static let rewrite = Script(
        name: "rewrite",
        source: prelude + """
            local holder = redis.call('HGET', KEYS[3], 'worker')
            if holder then
                local ending = ARGV[10]
                if string.sub(holder, 1, 1) == '_' then ending = ARGV[9] end
                rewrite(ARGV[4], ARGV[5] .. ending, ARGV[8])
            end
            applied()
            return {'OK'}
            """)

    /// Takes a job out of a program's list because the program has it; the job still counts as the program's.
    ///
    ///     KEYS[1] epoch  KEYS[2] hwm  KEYS[3] job
    ///     ARGV[1] epoch  ARGV[2] position  ARGV[3] company
    ///
    /// Returns `{'OK'}`; also for a job that is not there.
    static let take = Script(
        name: "take",
        source: prelude + """
            local job = redis.call('HMGET', KEYS[3], 'worker', 'json', 'list')
            if job[1] and job[2] then
                redis.call('LREM', 'queue:' .. company .. '.' .. (job[3] or job[1]), -1, job[2])
            end
            applied()
            return {'OK'}
            """)

    /// Takes a job out of its list: it is done, withdrawn, put off, or goes to another worker.
    ///
    ///     KEYS[1] epoch  KEYS[2] hwm  KEYS[3] job
    ///     ARGV[1] epoch  ARGV[2] position  ARGV[3] company  ARGV[4] jid
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

    /// Sets a worker to what the store says: kind, roles, and whether available, away or gone.
    ///
    ///     KEYS[1] epoch  KEYS[2] hwm  KEYS[3] worker
    ///     ARGV[1] epoch  ARGV[2] position  ARGV[3] company  ARGV[4] login  ARGV[5] roles, by commas
    ///     ARGV[6] `available`, `away` or `gone`  ARGV[7] `person` or `service`
    ///     ARGV[8] the worker's length, or ""  ARGV[9] the last turn, or ""
    ///
    /// Returns `{'OK'}`.
    static let worker = Script(
        name: "worker",
        source: prelude + """
            local login = ARGV[4]
            local before = redis.call('HMGET', KEYS[3], 'kind', 'roles')
            groups(before[1] or ARGV[7], before[2], function(group)
                redis.call('ZREM', prefix .. 'avail:' .. group, login)
                redis.call('ZREM', prefix .. 'turn:' .. group, login)
            end)
            if ARGV[8] == '0' then
                redis.call('ZREM', prefix .. 'open', login)
            elseif ARGV[8] ~= '' then
                redis.call('ZADD', prefix .. 'open', ARGV[8], login)
            end
            if ARGV[6] == 'gone' then
                redis.call('DEL', KEYS[3])
            else
                redis.call('HSET', KEYS[3], 'kind', ARGV[7], 'roles', ARGV[5], 'state', ARGV[6])
                if ARGV[9] ~= '' then redis.call('HSET', KEYS[3], 'last', ARGV[9]) end
                rescore(login, true)
            end
            applied()
            return {'OK'}
            """)
}
