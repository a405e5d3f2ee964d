-- put: let a message wait at the end of its queue.
-- KEYS[1] the queue (list of ids)
-- KEYS[2] the messages of the queue (hash, id to body)
-- ARGV[1] the id
-- ARGV[2] the body
-- Returns 1, or 0 when a message with this id is already there.
-- Invariant: an id stands in the queue once, however often it is put.

if redis.call('HSETNX', KEYS[2], ARGV[1], ARGV[2]) == 0 then
    return 0
end
redis.call('RPUSH', KEYS[1], ARGV[1])
return 1
