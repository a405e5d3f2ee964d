-- renew_turn: keep the lease on an agent for as long as its turn runs.
-- include: _time
-- KEYS[1] turn (hash)
-- KEYS[2] leases (zset)
-- ARGV[1] agent id
-- ARGV[2] epoch of the turn that speaks
-- ARGV[3] lease in milliseconds
-- Returns 'renewed', 'lost' (another turn took its place), or what the turn is asked: 'cancel'.
-- Invariant: only the turn that holds the newest epoch can renew.

local turn = redis.call('HMGET', KEYS[1], 'state', 'epoch', 'ask')
if turn[1] ~= 'running' or turn[2] ~= ARGV[2] then return 'lost' end
local lease_until = now_ms() + tonumber(ARGV[3])
redis.call('HSET', KEYS[1], 'lease_until', lease_until)
redis.call('ZADD', KEYS[2], lease_until, ARGV[1])
return turn[3] or 'renewed'
