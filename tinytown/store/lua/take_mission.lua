-- take_mission: take the lease on driving a mission, and its bell with it.
-- include: _time
-- KEYS[1] dispatch lock (string with a time to live)
-- KEYS[2] mission record (string, JSON)
-- KEYS[3] mission bells (hash)
-- KEYS[4] missions due (zset)
-- ARGV[1] mission id
-- ARGV[2] token of this lease; no two leases have the same
-- ARGV[3] lease in milliseconds
-- ARGV[4] how soon to look again when somebody else drives it, in milliseconds
-- Returns 'taken', 'busy' or 'missing'.
-- Invariant: news that comes after this rings anew; news that came before is seen by whoever has the lease, or soon after.

if redis.call('EXISTS', KEYS[2]) == 0 then
  redis.call('HDEL', KEYS[3], ARGV[1])
  redis.call('ZREM', KEYS[4], ARGV[1])
  return 'missing'
end
redis.call('HDEL', KEYS[3], ARGV[1])
if not redis.call('SET', KEYS[1], ARGV[2], 'NX', 'PX', ARGV[3]) then
  redis.call('ZADD', KEYS[4], 'XX', 'LT', now_ms() + tonumber(ARGV[4]), ARGV[1])
  return 'busy'
end
-- Whatever made it due is seen now; if it is due again when the lease is given up, that is news.
local due = redis.call('ZSCORE', KEYS[4], ARGV[1])
if due and tonumber(due) <= now_ms() then redis.call('ZADD', KEYS[4], now_ms() + tonumber(ARGV[3]), ARGV[1]) end
return 'taken'
