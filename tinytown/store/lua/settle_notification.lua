-- settle_notification: end an attempt to deliver a notification.
-- include: _time
-- KEYS[1] notification (hash)
-- KEYS[2] notifications due (zset)
-- KEYS[3] notifications dead (zset)
-- KEYS[4] notifications sent (zset)
-- ARGV[1] notification id
-- ARGV[2] whose it is
-- ARGV[3] 'sent', 'failed' or 'dead'
-- ARGV[4] milliseconds until it is tried again
-- ARGV[5] what went wrong
-- ARGV[6] how long it is remembered that it was sent, in milliseconds
-- ARGV[7] how many are remembered at most
-- Returns 'settled', or 'lost' (it is another's, or gone) and changes nothing.
-- Invariant: it is either due, dead or sent.

if redis.call('HGET', KEYS[1], 'taken') ~= ARGV[2] then return 'lost' end
local now = now_ms()
if ARGV[3] == 'sent' then
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call('ZADD', KEYS[4], now, ARGV[1])
  redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', now - tonumber(ARGV[6]))
  redis.call('ZREMRANGEBYRANK', KEYS[4], 0, -1 - tonumber(ARGV[7]))
  return 'settled'
end
redis.call('HDEL', KEYS[1], 'taken')
redis.call('HSET', KEYS[1], 'taken_until', 0, 'why', ARGV[5])
if ARGV[3] == 'dead' then
  redis.call('HSET', KEYS[1], 'dead', now)
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call('ZADD', KEYS[3], now, ARGV[1])
else
  redis.call('HSET', KEYS[1], 'not_before', now + tonumber(ARGV[4]))
  redis.call('ZADD', KEYS[2], now + tonumber(ARGV[4]), ARGV[1])
end
return 'settled'
