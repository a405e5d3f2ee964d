-- mark_notification: note what became of a notification at one destination, and renew the lease.
-- include: _time
-- KEYS[1] notification (hash)
-- KEYS[2] notifications due (zset)
-- ARGV[1] notification id
-- ARGV[2] whose it is
-- ARGV[3] lease in milliseconds
-- ARGV[4] 'reached', 'refused' or empty: nothing but the lease changes
-- ARGV[5] mark of the destination
-- Returns 'marked', or 'lost' (it is another's, or gone) and changes nothing.
-- Invariant: a destination that has it is not told again, whatever becomes of the others.

if redis.call('HGET', KEYS[1], 'taken') ~= ARGV[2] then return 'lost' end
local now = now_ms()
if ARGV[4] ~= '' then
  local before = redis.call('HGET', KEYS[1], ARGV[4])
  redis.call('HSET', KEYS[1], ARGV[4], before and before .. ' ' .. ARGV[5] or ARGV[5])
end
redis.call('HSET', KEYS[1], 'taken_until', now + tonumber(ARGV[3]))
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[3]), ARGV[1])
return 'marked'
