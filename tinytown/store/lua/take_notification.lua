-- take_notification: begin to deliver a notification, for as long as a lease lasts.
-- include: _time
-- KEYS[1] notification (hash)
-- KEYS[2] notifications due (zset)
-- ARGV[1] notification id
-- ARGV[2] whose it is from now on (a random word)
-- ARGV[3] lease in milliseconds
-- Returns 'taken', or 'gone' (sent, dropped or given up), 'busy' (another has it) or 'later' (its time has not come).
-- Invariant: one at a time has it; each time counts as an attempt, also one that ends with its worker.

local known = redis.call('HMGET', KEYS[1], 'attempts', 'not_before', 'taken_until', 'dead')
if not known[1] or known[4] then return 'gone' end
local now = now_ms()
if tonumber(known[3]) > now then return 'busy' end
if tonumber(known[2]) > now then return 'later' end
redis.call('HINCRBY', KEYS[1], 'attempts', 1)
redis.call('HSET', KEYS[1], 'taken', ARGV[2], 'taken_until', now + tonumber(ARGV[3]))
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[3]), ARGV[1])
return 'taken'
