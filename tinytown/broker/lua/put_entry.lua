-- put_entry: let a message wait at the end of its stream.
-- include: _docket
-- KEYS[1] the docket (stream)
-- KEYS[2] the messages of the queue (hash, id to body)
-- ARGV[1] the id
-- ARGV[2] the body
-- Returns 1, or 0 when a message with this id is already there.
-- Invariant: an id waits or is taken once, however often it is put.

if redis.call('HSETNX', KEYS[2], ARGV[1], ARGV[2]) == 0 then return 0 end
add_entry(KEYS[1], ARGV[1], ARGV[2])
return 1
