-- requeue_notification: try a notification again at once and with a clean slate, one that was given up or one that waits.
-- include: _time _bell
-- KEYS[1] notification (hash)
-- KEYS[2] notifications due (zset)
-- KEYS[3] notifications dead (zset)
-- KEYS[4] bell messages (hash)
-- KEYS[5] bell queue (list)
-- ARGV[1] notification id
-- ARGV[2] bell id
-- ARGV[3] bell body
-- ARGV[4] answer time in milliseconds
-- Returns 'requeued', or 'gone' or 'busy' (somebody is at it) and changes nothing.
-- Invariant: destinations that have it are not told again.

local known = redis.call('HMGET', KEYS[1], 'attempts', 'taken_until')
if not known[1] then return 'gone' end
local now = now_ms()
if tonumber(known[2]) > now then return 'busy' end
redis.call('HDEL', KEYS[1], 'dead', 'refused', 'taken')
redis.call('HSET', KEYS[1], 'attempts', 0, 'not_before', now, 'taken_until', 0, 'bell', ARGV[2])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[4]), ARGV[1])
ring(KEYS[4], KEYS[5], ARGV[2], ARGV[3])
return 'requeued'
