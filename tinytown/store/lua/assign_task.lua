-- assign_task: move a pending task into an agent's mailbox and ring for the agent.
-- include: _time _record _event _bell _demand
-- KEYS[1] task record (string, JSON)
-- KEYS[2] pending tasks (zset)
-- KEYS[3] assigned tasks (zset)
-- KEYS[4] backlog (list)
-- KEYS[5] assignments (zset)
-- KEYS[6] assignment bells (hash)
-- KEYS[7] the agent's open tasks (set)
-- KEYS[8] agent record (string, JSON)
-- KEYS[9] inbox (list)
-- KEYS[10] turn (hash)
-- KEYS[11] turns due (zset)
-- KEYS[12] bell messages (hash)
-- KEYS[13] bell queue (list)
-- KEYS[14] receipts (hash)
-- KEYS[15] counters (hash)
-- KEYS[16] demand (hash)
-- KEYS[17] turns that are ready (zset)
-- KEYS[18…] event streams
-- ARGV[1] task id
-- ARGV[2] expected version
-- ARGV[3] record, JSON
-- ARGV[4] agent id
-- ARGV[5] message id
-- ARGV[6] message, JSON
-- ARGV[7] '1' when the task lies in the backlog and must be found there
-- ARGV[8] bell id
-- ARGV[9] bell body
-- ARGV[10] answer time in milliseconds
-- ARGV[11] the most open tasks that the agent may have, or empty: any number
-- ARGV[12…] event: kind, JSON, one length limit for each stream
-- Returns 'assigned:<bell>', 'stale' (it, or how much the agent has to do, has changed), 'missing', 'unreadable', 'no agent' or 'not in backlog'.
-- Invariant: an assigned task has a message in the mailbox of its agent.

local found = compare(KEYS[1], ARGV[2])
if found == 'changed' then return 'stale' end
if found ~= 'same' then return found end
if redis.call('EXISTS', KEYS[8]) == 0 then return 'no agent' end
if ARGV[11] ~= '' and redis.call('SCARD', KEYS[7]) > tonumber(ARGV[11]) then return 'stale' end
if ARGV[7] == '1' and redis.call('LREM', KEYS[4], 0, ARGV[1]) == 0 then return 'not in backlog' end
local now = now_ms()
redis.call('SET', KEYS[1], ARGV[3])
reindex(KEYS[2], KEYS[3], ARGV[1], now)
redis.call('ZREM', KEYS[5], ARGV[1])
redis.call('HDEL', KEYS[6], ARGV[1])
redis.call('SADD', KEYS[7], ARGV[1])
redis.call('RPUSH', KEYS[9], ARGV[6])
redis.call('HINCRBY', KEYS[10], 'waiting', 1)
local receipt = {state = 'queued', agent = ARGV[4], queue = 'inbox', wakes = true, attempt = 0, epoch = 0, at = now, reason = ''}
redis.call('HSET', KEYS[14], ARGV[5], cjson.encode(receipt))
redis.call('HINCRBY', KEYS[15], 'messages', 1)
local bell = schedule(KEYS[10], KEYS[11], KEYS[12], KEYS[13], ARGV[4], ARGV[8], ARGV[9], tonumber(ARGV[10]), now)
reweigh(KEYS[16], KEYS[17], KEYS[10], ARGV[4])
emit(18, 12)
return 'assigned:' .. bell
