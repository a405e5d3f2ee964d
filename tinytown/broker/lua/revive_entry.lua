-- revive_entry: let a dead letter wait in its stream again.
-- include: _docket
-- KEYS[1] the dead letters (sorted set, id to time of death)
-- KEYS[2] the messages of the dead letters (hash, id to body)
-- KEYS[3] the docket (stream)
-- KEYS[4] the messages of the queue (hash, id to body)
-- ARGV[1] the id
-- Returns 1, or 0 when there is no such dead letter.
-- Invariant: the message is dead or waits, never both.

local body = redis.call('HGET', KEYS[2], ARGV[1])
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 or not body then return 0 end
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('HSET', KEYS[4], ARGV[1], body)
add_entry(KEYS[3], ARGV[1], body)
return 1
