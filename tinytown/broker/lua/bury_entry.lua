-- bury_entry: move a message that cannot be worked on to the dead letters.
-- include: _entries
-- KEYS[1] the docket (stream)
-- KEYS[2] the messages of the queue (hash, id to body)
-- KEYS[3] the dead letters (sorted set, id to time of death)
-- KEYS[4] the messages of the dead letters (hash, id to body)
-- ARGV[1] the process
-- ARGV[2] the consumer group
-- ARGV[3] the entry
-- ARGV[4] the id
-- Returns 1, or 0 when this process does not hold the entry any more.
-- Invariant: only the holder buries, and the body is kept as it was.

if not holds(KEYS[1], ARGV[2], ARGV[1], ARGV[3]) then return 0 end
redis.call('XACK', KEYS[1], ARGV[2], ARGV[3])
local body = redis.call('HGET', KEYS[2], ARGV[4])
if body then
  local now = redis.call('TIME')
  redis.call('ZADD', KEYS[3], string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000)), ARGV[4])
  redis.call('HSET', KEYS[4], ARGV[4], body)
  redis.call('HDEL', KEYS[2], ARGV[4])
end
return 1
