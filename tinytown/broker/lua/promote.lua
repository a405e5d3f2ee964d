-- promote: move a delayed message whose time has come to its queue.
-- KEYS[1] the delayed queue (list of ids)
-- KEYS[2] the messages of the delayed queue (hash, id to body)
-- KEYS[3] the queue (list of ids)
-- KEYS[4] the messages of the queue (hash, id to body)
-- ARGV[1] the id
-- ARGV[2] the body, without its delay
-- Returns 1, or 0 when somebody else has taken the message.
-- Invariant: the message is in one of the two queues, never in both and never in none.

if redis.call('LREM', KEYS[1], 1, ARGV[1]) == 0 then
    return 0
end
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('HSET', KEYS[4], ARGV[1], ARGV[2])
redis.call('RPUSH', KEYS[3], ARGV[1])
return 1
