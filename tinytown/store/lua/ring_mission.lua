-- ring_mission: ring for a mission that is due, and look again later whether it was answered.
-- include: _time _mission
-- KEYS[1] missions due (zset)
-- KEYS[2] active missions (set)
-- KEYS[3] mission bells (hash)
-- KEYS[4] bell messages (hash)
-- KEYS[5] bell queue (list)
-- ARGV[1] mission id
-- ARGV[2] in how many milliseconds to look again
-- ARGV[3] bell id
-- ARGV[4] bell body
-- Returns 'rung', 'waiting' (a bell is on its way), 'later' (it is not due) or 'gone' (it is not driven).
-- Invariant: at most one bell for a mission is on its way.

if redis.call('SISMEMBER', KEYS[2], ARGV[1]) == 0 then
  redis.call('ZREM', KEYS[1], ARGV[1])
  return 'gone'
end
local due, now = redis.call('ZSCORE', KEYS[1], ARGV[1]), now_ms()
if due and tonumber(due) > now then return 'later' end
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[1])
return ring_mission(KEYS[3], KEYS[4], KEYS[5], ARGV[1], ARGV[3], ARGV[4])
