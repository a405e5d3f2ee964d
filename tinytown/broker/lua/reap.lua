-- reap: return what a dead process had taken to the front of the queue.
-- KEYS[1] heartbeats (sorted set, process to time)
-- KEYS[2] what the process had taken from the queue (set of ids)
-- KEYS[3] the queue (list of ids)
-- KEYS[4] the messages of the queue (hash, id to body)
-- ARGV[1] the process
-- ARGV[2] the silence, in milliseconds, that makes it dead
-- ARGV[3..] the ids, the one to run first in front
-- Returns how many went back, or -1 when the process lives after all.
-- Invariant: nothing is taken from a process that has spoken within the silence.

local now = redis.call('TIME')
local spoke = redis.call('ZSCORE', KEYS[1], ARGV[1])
if spoke and tonumber(spoke) > now[1] * 1000 + math.floor(now[2] / 1000) - ARGV[2] then
    return -1
end
local returned = 0
for i = #ARGV, 3, -1 do
    if redis.call('SREM', KEYS[2], ARGV[i]) == 1 and redis.call('HEXISTS', KEYS[4], ARGV[i]) == 1 then
        redis.call('LPUSH', KEYS[3], ARGV[i])
        returned = returned + 1
    end
end
return returned
