-- leave_mission: give up the lease on driving a mission, and say when to look again.
-- include: _time
-- KEYS[1] dispatch lock (string with a time to live)
-- KEYS[2] missions due (zset)
-- KEYS[3] when missions were last driven (zset)
-- KEYS[4] mission record (string, JSON)
-- KEYS[5] active missions (set)
-- ARGV[1] mission id
-- ARGV[2] token of the lease
-- ARGV[3] in how many milliseconds to look again
-- Returns 'left' or 'not leased'.
-- Invariant: the time of the last tick is that of one which had the lease to its end; news during it is not put off.

if redis.call('GET', KEYS[1]) ~= ARGV[2] then return 'not leased' end
redis.call('DEL', KEYS[1])
if redis.call('EXISTS', KEYS[4]) == 0 then return 'left' end
local now = now_ms()
redis.call('ZADD', KEYS[3], now, ARGV[1])
if redis.call('SISMEMBER', KEYS[5], ARGV[1]) == 1 then
  local due = redis.call('ZSCORE', KEYS[2], ARGV[1])
  if not due or tonumber(due) > now then redis.call('ZADD', KEYS[2], 'LT', now + tonumber(ARGV[3]), ARGV[1]) end
end
return 'left'
