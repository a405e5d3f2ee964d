-- give_back_entries: let taken messages wait again, at the end of their stream.
-- include: _entries
-- KEYS[1] the docket (stream)
-- KEYS[2] the messages of the queue (hash, id to body)
-- ARGV[1] the process
-- ARGV[2] the consumer group
-- ARGV[3..] the entries
-- Returns how many wait again.
-- Invariant: an entry is copied and acked in one step, by its holder only, and only while it has a message.

local returned = 0
for i = 3, #ARGV do
  if holds(KEYS[1], ARGV[2], ARGV[1], ARGV[i]) then returned = returned + put_back(KEYS[1], KEYS[2], ARGV[2], ARGV[i]) end
end
return returned
