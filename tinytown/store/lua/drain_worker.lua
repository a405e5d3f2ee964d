-- drain_worker: ask a worker to take nothing more and to end, unless it may only be asked while it is idle and is not.
-- include: _time
-- KEYS[1] the worker's registration (string with a time to live)
-- KEYS[2] requests to drain (hash: worker -> how, and when it was asked, ms)
-- KEYS[3] demand (hash)
-- ARGV[1] worker
-- ARGV[2] the field of the demand that counts the leases of the worker
-- ARGV[3] how: 'idle' only if it has no lease, and a turn that begins in this moment has all the time it needs; or 'grace'
-- ARGV[4] how long requests are kept at most, in milliseconds
-- Returns 'asked', 'known' (it was asked before), 'busy' or 'missing'.
-- Invariant: a worker that has a lease in this moment is not asked where only an idle one may be.

if redis.call('EXISTS', KEYS[1]) == 0 then return 'missing' end
local now = now_ms()
local asked = redis.call('HGETALL', KEYS[2])
for i = 1, #asked, 2 do -- of those who were killed before they could go
  if tonumber(string.match(asked[i + 1], '%d+$') or '0') <= now - tonumber(ARGV[4]) then redis.call('HDEL', KEYS[2], asked[i]) end
end
local known = string.match(redis.call('HGET', KEYS[2], ARGV[1]) or '', '^%l+')
if known == ARGV[3] or known == 'grace' then return 'known' end
if ARGV[3] == 'idle' and tonumber(redis.call('HGET', KEYS[3], ARGV[2]) or '0') > 0 then return 'busy' end
redis.call('HSET', KEYS[2], ARGV[1], string.format('%s %d', ARGV[3], now))
redis.call('PEXPIRE', KEYS[2], ARGV[4])
return known and 'known' or 'asked'
