-- ring_assignment: ring again for a task whose assignment never came.
-- include: _time _bell
-- KEYS[1] pending tasks (zset)
-- KEYS[2] assignments (zset)
-- KEYS[3] assignment bells (hash)
-- KEYS[4] bell messages (hash)
-- KEYS[5] bell queue (list)
-- ARGV[1] task id
-- ARGV[2] bell id
-- ARGV[3] bell body
-- ARGV[4] answer time in milliseconds
-- Returns 'rung', 'waiting' (the bell is still on its way) or 'done' (nothing to ring for).
-- Invariant: at most one bell for a task is on its way.

if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call('HDEL', KEYS[3], ARGV[1])
  return 'done'
end
redis.call('ZADD', KEYS[2], now_ms() + tonumber(ARGV[4]), ARGV[1])
local bell = redis.call('HGET', KEYS[3], ARGV[1])
if bell and redis.call('HEXISTS', KEYS[4], bell) == 1 then return 'waiting' end
redis.call('HSET', KEYS[3], ARGV[1], ARGV[2])
ring(KEYS[4], KEYS[5], ARGV[2], ARGV[3])
return 'rung'
