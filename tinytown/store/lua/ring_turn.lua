-- ring_turn: ring again for an agent whose bell was lost, or whose back-off is over.
-- include: _time _bell _demand
-- KEYS[1] turn (hash)
-- KEYS[2] turns due (zset)
-- KEYS[3] bell messages (hash)
-- KEYS[4] bell queue (list)
-- KEYS[5] demand (hash)
-- KEYS[6] turns that are ready (zset)
-- ARGV[1] agent id
-- ARGV[2] bell id
-- ARGV[3] bell body
-- ARGV[4] answer time in milliseconds
-- Returns 'rung', 'waiting' (the bell is still on its way) or 'done' (nothing to ring for).
-- Invariant: at most one bell for an agent is on its way.

local turn = redis.call('HMGET', KEYS[1], 'state', 'hold', 'bell', 'not_before', 'delay')
if turn[1] ~= 'scheduled' or turn[2] then
  redis.call('ZREM', KEYS[2], ARGV[1])
  return 'done'
end
local now = now_ms()
if tonumber(turn[4] or '0') > now then
  redis.call('ZADD', KEYS[2], turn[4], ARGV[1])
  return 'waiting'
end
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[4]), ARGV[1])
if turn[5] then -- the back-off is over: from then on it waits for a worker
  if turn[4] and turn[4] ~= '0' then redis.call('HSET', KEYS[1], 'scheduled_at', turn[4]) end
  redis.call('HDEL', KEYS[1], 'delay')
  reweigh(KEYS[5], KEYS[6], KEYS[1], ARGV[1])
end
if turn[3] and redis.call('HEXISTS', KEYS[3], turn[3]) == 1 then return 'waiting' end
redis.call('HSET', KEYS[1], 'bell', ARGV[2])
ring(KEYS[3], KEYS[4], ARGV[2], ARGV[3])
return 'rung'
