-- purge_dead: delete dead letters that nobody asked for in a long time.
-- KEYS[1] the dead letters (sorted set, id to time of death)
-- KEYS[2] the messages of the dead letters (hash, id to body)
-- ARGV[1] how long they are kept, in milliseconds
-- ARGV[2] how many at most
-- Returns how many were deleted.
-- Invariant: an id leaves the set and the hash together.

local now = redis.call('TIME')
local before = string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000) - ARGV[1])
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', before, 'LIMIT', 0, ARGV[2])
for _, id in ipairs(ids) do
    redis.call('ZREM', KEYS[1], id)
    redis.call('HDEL', KEYS[2], id)
end
return #ids
