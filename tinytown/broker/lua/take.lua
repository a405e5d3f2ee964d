-- take: hand the first waiting messages to one process, which settles others with the same request.
-- KEYS[1] the queue (list of ids)
-- KEYS[2] the messages of the queue (hash, id to body)
-- KEYS[3] what this process has taken from the queue (set of ids)
-- KEYS[4] heartbeats (sorted set, process to time)
-- ARGV[1] the process
-- ARGV[2] how many messages at most
-- ARGV[3…] ids that the process has done, and that are settled as `settle.lua` does
-- Returns id, body, id, body ... in the order of the queue.
-- Invariant: an id that leaves the queue is taken, unless it has no body left to work on.

local now = redis.call('TIME')
redis.call('ZADD', KEYS[4], string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000)), ARGV[1])
for i = 3, #ARGV do
    if redis.call('SREM', KEYS[3], ARGV[i]) == 1 then redis.call('HDEL', KEYS[2], ARGV[i]) end
end
local ids = redis.call('LPOP', KEYS[1], ARGV[2])
local taken = {}
for _, id in ipairs(ids or {}) do
    local body = redis.call('HGET', KEYS[2], id)
    if body then
        redis.call('SADD', KEYS[3], id)
        taken[#taken + 1] = id
        taken[#taken + 1] = body
    end
end
return taken
