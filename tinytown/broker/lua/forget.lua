-- forget: strike a dead process that holds nothing any more off the heartbeats.
-- KEYS[1] heartbeats (sorted set, process to time)
-- KEYS[2..] what the process had taken, one set for each queue
-- ARGV[1] the process
-- ARGV[2] the silence, in milliseconds, that makes it dead
-- Returns 1, or 0 when it lives or still holds something.
-- Invariant: whoever holds a message stays on the list, so that it can be found.

local now = redis.call('TIME')
local spoke = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not spoke or tonumber(spoke) > now[1] * 1000 + math.floor(now[2] / 1000) - ARGV[2] then
    return 0
end
for i = 2, #KEYS do
    if redis.call('EXISTS', KEYS[i]) == 1 then
        return 0
    end
end
return redis.call('ZREM', KEYS[1], ARGV[1])
