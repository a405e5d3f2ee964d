-- settle: forget a message whose work is done.
-- KEYS[1] what this process has taken from the queue (set of ids)
-- KEYS[2] the messages of the queue (hash, id to body)
-- ARGV[1] the id
-- Returns 1, or 0 when this process does not hold the message any more.
-- Invariant: only the holder removes a message.

if redis.call('SREM', KEYS[1], ARGV[1]) == 0 then
    return 0
end
redis.call('HDEL', KEYS[2], ARGV[1])
return 1
