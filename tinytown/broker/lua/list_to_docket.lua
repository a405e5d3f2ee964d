-- list_to_docket: move what waits on the list of a queue onto its stream.
-- include: _docket
-- KEYS[1] the queue (list of ids)
-- KEYS[2] the messages of the queue (hash, id to body)
-- KEYS[3] the docket (stream)
-- ARGV[1] how many at most
-- Returns how many left the list.
-- Invariant: a message waits in one of the two places, in its order, never in both and never in none.

local ids = redis.call('LPOP', KEYS[1], ARGV[1]) or {}
for _, id in ipairs(ids) do
  local body = redis.call('HGET', KEYS[2], id)
  if body then add_entry(KEYS[3], id, body) end
end
return #ids
