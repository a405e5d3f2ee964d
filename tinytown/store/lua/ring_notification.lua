-- ring_notification: ring again for a notification whose time has come.
-- include: _time _bell
-- KEYS[1] notification (hash)
-- KEYS[2] notifications due (zset)
-- KEYS[3] bell messages (hash)
-- KEYS[4] bell queue (list)
-- ARGV[1] notification id
-- ARGV[2] bell id
-- ARGV[3] bell body
-- ARGV[4] answer time in milliseconds
-- Returns 'rung', 'waiting' (the bell is still on its way), 'busy' (somebody is at it), 'later' or 'done' (nothing to ring for).
-- Invariant: at most one bell for a notification is on its way.

local known = redis.call('HMGET', KEYS[1], 'attempts', 'not_before', 'taken_until', 'dead', 'bell')
if not known[1] or known[4] then
  redis.call('ZREM', KEYS[2], ARGV[1])
  return 'done'
end
local now = now_ms()
local free, due = tonumber(known[3]), tonumber(known[2])
if free > now or due > now then
  redis.call('ZADD', KEYS[2], math.max(free, due), ARGV[1])
  return free > now and 'busy' or 'later'
end
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[4]), ARGV[1])
if known[5] and redis.call('HEXISTS', KEYS[3], known[5]) == 1 then return 'waiting' end
redis.call('HSET', KEYS[1], 'bell', ARGV[2])
ring(KEYS[3], KEYS[4], ARGV[2], ARGV[3])
return 'rung'
