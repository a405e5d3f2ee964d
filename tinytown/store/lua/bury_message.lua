-- bury_message: give up a message that was tried too often, fail its task, and tell the supervisor.
-- include: _time _record _event _mail _demand _mission
-- KEYS[1] taken (list)
-- KEYS[2] turn (hash)
-- KEYS[3] receipts (hash)
-- KEYS[4] dead letters (list)
-- KEYS[5] counters (hash)
-- KEYS[6] the supervisor's inbox (list)
-- KEYS[7] task record (string, JSON)
-- KEYS[8] tasks in the old state (zset)
-- KEYS[9] failed tasks (zset)
-- KEYS[10] open tasks of the agent (set)
-- KEYS[11] demand (hash)
-- KEYS[12] turns that are ready (zset)
-- KEYS[13] mission bells (hash)
-- KEYS[14] open tasks of its mission (set)
-- KEYS[15] bell messages (hash)
-- KEYS[16] bell queue (list)
-- KEYS[17…] event streams
-- ARGV[1] epoch of the turn that speaks
-- ARGV[2] message id
-- ARGV[3] reason
-- ARGV[4] notice to the supervisor: message id
-- ARGV[5] notice to the supervisor, JSON
-- ARGV[6] the supervisor's agent id
-- ARGV[7] task id, or empty: the message is about no task
-- ARGV[8] expected version of the task
-- ARGV[9] task record, JSON
-- ARGV[10] how often it was tried
-- ARGV[11] agent id
-- ARGV[12] mission id, or empty: the task belongs to none
-- ARGV[13] bell for the mission: id
-- ARGV[14] bell for the mission: body
-- ARGV[15…] event: kind, JSON, one length limit for each stream
-- Returns 'buried', 'turn over', 'gone' (the turn does not have it) or 'stale'.
-- Invariant: a dead letter's task has failed, and somebody was told.

local turn = redis.call('HMGET', KEYS[2], 'state', 'epoch')
if turn[1] ~= 'running' or turn[2] ~= ARGV[1] then return 'turn over' end
if ARGV[7] ~= '' and compare(KEYS[7], ARGV[8]) ~= 'same' then return 'stale' end
local entry = nil
for _, candidate in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  if message_id(candidate) == ARGV[2] then entry = candidate end
end
if not entry then return 'gone' end
local now = now_ms()
redis.call('LREM', KEYS[1], 1, entry)
redis.call('RPUSH', KEYS[4], entry)
local receipt = receipt_of(KEYS[3], ARGV[2])
receipt.attempt = tonumber(ARGV[10])
note(KEYS[3], ARGV[2], receipt, 'dead', now, ARGV[3])
redis.call('HINCRBY', KEYS[5], 'dead', 1)
if receipt.wakes then redis.call('HINCRBY', KEYS[5], 'handled', 1) end
if ARGV[7] ~= '' then
  redis.call('SET', KEYS[7], ARGV[9])
  reindex(KEYS[8], KEYS[9], ARGV[7], now)
  redis.call('SREM', KEYS[10], ARGV[7])
  redis.call('HINCRBY', KEYS[5], 'failed', 1)
end
redis.call('RPUSH', KEYS[6], ARGV[5])
local told = {state = 'queued', agent = ARGV[6], queue = 'inbox', wakes = false, attempt = 0, epoch = 0, at = now, reason = ''}
redis.call('HSET', KEYS[3], ARGV[4], cjson.encode(told))
reweigh(KEYS[11], KEYS[12], KEYS[2], ARGV[11], nil, KEYS[4])
if ARGV[12] ~= '' then
  redis.call('SREM', KEYS[14], ARGV[7])
  ring_mission(KEYS[13], KEYS[15], KEYS[16], ARGV[12], ARGV[13], ARGV[14])
end
emit(17, 15)
return 'buried'
