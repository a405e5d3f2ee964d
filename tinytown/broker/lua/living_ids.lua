-- living_ids: read the ids of the messages that wait on a stream or are taken from it.
-- include: _entries
-- KEYS[1] the docket (stream)
-- ARGV[1] the consumer group
-- Returns the ids.
-- Invariant: reads only.

local ids = {}
each_living(KEYS[1], ARGV[1], function(id) ids[#ids + 1] = id end)
return ids
