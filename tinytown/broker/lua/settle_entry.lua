-- settle_entry: forget a message whose work is done.
-- include: _entries
-- KEYS[1] the docket (stream)
-- KEYS[2] the messages of the queue (hash, id to body)
-- ARGV[1] the process
-- ARGV[2] the consumer group
-- ARGV[3] the entry
-- ARGV[4] the id
-- Returns 1, or 0 when this process does not hold the entry any more.
-- Invariant: only the holder removes a message.

if not holds(KEYS[1], ARGV[2], ARGV[1], ARGV[3]) then return 0 end
redis.call('XACK', KEYS[1], ARGV[2], ARGV[3])
redis.call('HDEL', KEYS[2], ARGV[4])
return 1
