-- change_task: store the next version of a task, with all that follows from its new state.
-- include: _time _record _event _bell _mission
-- KEYS[1] task record (string, JSON)
-- KEYS[2] tasks in the old state (zset)
-- KEYS[3] tasks in the new state (zset)
-- KEYS[4] open tasks of the agent that has it (set)
-- KEYS[5] record of that agent (string, JSON)
-- KEYS[6] turn of that agent (hash)
-- KEYS[7] counters (hash)
-- KEYS[8] backlog (list)
-- KEYS[9] assignments (zset)
-- KEYS[10] assignment bells (hash)
-- KEYS[11] bell messages (hash)
-- KEYS[12] bell queue (list)
-- KEYS[13] mission bells (hash)
-- KEYS[14] open tasks of its mission (set)
-- KEYS[15…] event streams
-- ARGV[1] task id
-- ARGV[2] expected version
-- ARGV[3] record, JSON
-- ARGV[4] epoch of the turn that speaks, or empty
-- ARGV[5] expected version of the agent, or empty: it is not written
-- ARGV[6] agent record, JSON
-- ARGV[7] '1' when the agent keeps the task
-- ARGV[8] counter to raise, or empty
-- ARGV[9] 'backlog', 'assign' or 'none': where a task that is pending now waits
-- ARGV[10] '1' when it was pending, and so waited somewhere
-- ARGV[11] bell id
-- ARGV[12] bell body
-- ARGV[13] answer time in milliseconds
-- ARGV[14] what the running turn is asked: 'cancel', when it has nothing else to do, or empty
-- ARGV[15] mission id, or empty: it belongs to none
-- ARGV[16] bell for the mission: id
-- ARGV[17] bell for the mission: body
-- ARGV[18…] event: kind, JSON, one length limit for each stream
-- Returns 'changed', 'stale', 'missing', 'unreadable', 'agent stale' or 'turn over'.
-- Invariant: a turn that is over changes nothing; a task is in the index of its own state only; its mission hears of it.

local found = compare(KEYS[1], ARGV[2])
if found == 'changed' then return 'stale' end
if found ~= 'same' then return found end
if ARGV[4] ~= '' then
  local turn = redis.call('HMGET', KEYS[6], 'state', 'epoch')
  if turn[1] ~= 'running' or turn[2] ~= ARGV[4] then return 'turn over' end
end
if ARGV[5] ~= '' then
  if compare(KEYS[5], ARGV[5]) ~= 'same' then return 'agent stale' end
  redis.call('SET', KEYS[5], ARGV[6])
end
local now = now_ms()
redis.call('SET', KEYS[1], ARGV[3])
reindex(KEYS[2], KEYS[3], ARGV[1], now)
if ARGV[14] ~= '' and redis.call('HGET', KEYS[6], 'state') == 'running' then redis.call('HSET', KEYS[6], 'ask', ARGV[14]) end
if ARGV[7] ~= '1' then redis.call('SREM', KEYS[4], ARGV[1]) end
if ARGV[8] ~= '' then redis.call('HINCRBY', KEYS[7], ARGV[8], 1) end
if ARGV[10] == '1' then
  redis.call('ZREM', KEYS[9], ARGV[1])
  redis.call('HDEL', KEYS[10], ARGV[1])
  redis.call('LREM', KEYS[8], 0, ARGV[1])
end
if ARGV[9] == 'backlog' then
  redis.call('RPUSH', KEYS[8], ARGV[1])
elseif ARGV[9] == 'assign' then
  redis.call('ZADD', KEYS[9], now_exactly() + tonumber(ARGV[13]), ARGV[1])
  redis.call('HSET', KEYS[10], ARGV[1], ARGV[11])
  ring(KEYS[11], KEYS[12], ARGV[11], ARGV[12])
end
if ARGV[15] ~= '' then
  if ARGV[8] ~= '' then redis.call('SREM', KEYS[14], ARGV[1]) end
  ring_mission(KEYS[13], KEYS[11], KEYS[12], ARGV[15], ARGV[16], ARGV[17])
end
emit(15, 18)
return 'changed'
