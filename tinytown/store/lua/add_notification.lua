-- add_notification: keep news that people have to be told, and ring for it.
-- include: _time _bell
-- KEYS[1] notification (hash)
-- KEYS[2] notifications due (zset)
-- KEYS[3] notifications sent (zset)
-- KEYS[4] bell messages (hash)
-- KEYS[5] bell queue (list)
-- ARGV[1] notification id
-- ARGV[2] record, JSON
-- ARGV[3] bell id
-- ARGV[4] bell body
-- ARGV[5] answer time in milliseconds
-- Returns 'added', or 'exists' (it is on its way, was given up, or has been sent) and changes nothing.
-- Invariant: what is neither sent nor given up is due at some time.

if redis.call('EXISTS', KEYS[1]) == 1 or redis.call('ZSCORE', KEYS[3], ARGV[1]) then return 'exists' end
local now = now_ms()
redis.call('HSET', KEYS[1], 'record', ARGV[2], 'attempts', 0, 'not_before', now, 'taken_until', 0, 'bell', ARGV[3])
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[5]), ARGV[1])
ring(KEYS[4], KEYS[5], ARGV[3], ARGV[4])
return 'added'
