-- reap_turn: put back what a dead turn had taken, and ring for its agent again.
-- include: _time _record _event _bell _mail _demand _tally
-- KEYS[1] inbox (list)
-- KEYS[2] urgent (list)
-- KEYS[3] taken (list)
-- KEYS[4] turn (hash)
-- KEYS[5] receipts (hash)
-- KEYS[6] agent record (string, JSON)
-- KEYS[7] agents in the old state (zset)
-- KEYS[8] agents in the new state (zset)
-- KEYS[9] leases (zset)
-- KEYS[10] turns due (zset)
-- KEYS[11] bell messages (hash)
-- KEYS[12] bell queue (list)
-- KEYS[13] counters (hash)
-- KEYS[14] demand (hash)
-- KEYS[15] turns that are ready (zset)
-- KEYS[16…] event streams
-- ARGV[1] agent id
-- ARGV[2] epoch that the fence gave
-- ARGV[3] expected version of the agent
-- ARGV[4] agent record, JSON
-- ARGV[5] hold: why mail must not wake it from now on, or '=' to leave it as it is
-- ARGV[6] bell id
-- ARGV[7] bell body
-- ARGV[8] answer time in milliseconds
-- ARGV[9…] event: kind, JSON, one length limit for each stream
-- Returns 'reaped:<bell>', 'turn over', 'stale', 'missing' or 'unreadable'.
-- Invariant: an attempt is counted on all that was in the dead turn's hands.

local turn = redis.call('HMGET', KEYS[4], 'state', 'epoch')
if turn[1] ~= 'running' or turn[2] ~= ARGV[2] then return 'turn over' end
local found = compare(KEYS[6], ARGV[3])
if found == 'changed' then return 'stale' end
if found ~= 'same' then return found end
local now = now_ms()
local entry = redis.call('RPOP', KEYS[3])
while entry do
  put_back(KEYS[1], KEYS[2], KEYS[4], KEYS[5], entry, 1, now, 'worker_lost')
  entry = redis.call('RPOP', KEYS[3])
end
redis.call('SET', KEYS[6], ARGV[4])
reindex(KEYS[7], KEYS[8], ARGV[1], now)
redis.call('ZREM', KEYS[9], ARGV[1])
redis.call('HDEL', KEYS[4], 'lease_until', 'ask')
redis.call('HSET', KEYS[4], 'state', 'idle')
if ARGV[5] ~= '=' then redis.call('HSET', KEYS[4], 'hold', ARGV[5]) end
redis.call('HINCRBY', KEYS[13], 'leases_lost', 1)
tally(KEYS[13], 'worker_lost', 0)
local bell = 'none'
if tonumber(redis.call('HGET', KEYS[4], 'waiting') or '0') > 0 then
  bell = schedule(KEYS[4], KEYS[10], KEYS[11], KEYS[12], ARGV[1], ARGV[6], ARGV[7], tonumber(ARGV[8]), now)
end
reweigh(KEYS[14], KEYS[15], KEYS[4], ARGV[1], KEYS[2])
emit(16, 9)
return 'reaped:' .. bell
