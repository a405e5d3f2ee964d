-- fence_turn: shut out a turn whose lease ran out, before what it had is put back.
-- include: _time
-- KEYS[1] turn (hash)
-- KEYS[2] leases (zset)
-- ARGV[1] agent id
-- Returns the new epoch, 0 when the lease is alive, or -1 when no turn is running.
-- Invariant: after this the late worker can change nothing; the agent stays listed until reap_turn.

local turn = redis.call('HMGET', KEYS[1], 'state', 'lease_until')
if turn[1] ~= 'running' then
  redis.call('ZREM', KEYS[2], ARGV[1])
  return -1
end
if tonumber(turn[2] or '0') > now_ms() then return 0 end
return redis.call('HINCRBY', KEYS[1], 'epoch', 1)
