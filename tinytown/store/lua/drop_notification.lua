-- drop_notification: forget a notification, so that it is told to nobody any more.
-- include: _time
-- KEYS[1] notification (hash)
-- KEYS[2] notifications due (zset)
-- KEYS[3] notifications dead (zset)
-- KEYS[4] notifications sent (zset)
-- ARGV[1] notification id
-- Returns 'dropped', or 'gone' and changes nothing.
-- Invariant: it counts as sent, so whoever posts it again changes nothing.

if redis.call('DEL', KEYS[1]) == 0 then return 'gone' end
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZADD', KEYS[4], now_ms(), ARGV[1])
return 'dropped'
