-- take_leadership: become the leader, or stay it.
-- KEYS[1] leader (string with a time to live)
-- KEYS[2] epoch (string)
-- ARGV[1] who asks
-- ARGV[2] lease in milliseconds
-- Returns the epoch of the one who asks, or 0 when another leads.
-- Invariant: the epoch grows whenever the leader changes.

local leader = redis.call('GET', KEYS[1])
if leader and leader ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if leader then return tonumber(redis.call('GET', KEYS[2]) or '0') end
return redis.call('INCR', KEYS[2])
