-- bury: move a message that cannot be worked on to the dead letters.
-- KEYS[1] what this process has taken from the queue (set of ids)
-- KEYS[2] the messages of the queue (hash, id to body)
-- KEYS[3] the dead letters (sorted set, id to time of death)
-- KEYS[4] the messages of the dead letters (hash, id to body)
-- ARGV[1] the id
-- Returns 1, or 0 when this process does not hold the message any more.
-- Invariant: only the holder buries, and the body is kept as it was.

if redis.call('SREM', KEYS[1], ARGV[1]) == 0 then
    return 0
end
local body = redis.call('HGET', KEYS[2], ARGV[1])
if body then
    local now = redis.call('TIME')
    redis.call('ZADD', KEYS[3], string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000)), ARGV[1])
    redis.call('HSET', KEYS[4], ARGV[1], body)
    redis.call('HDEL', KEYS[2], ARGV[1])
end
return 1
