-- docket_to_list: move what waits on the stream of a queue onto its list.
-- include: _entries
-- KEYS[1] the docket (stream)
-- KEYS[2] the messages of the queue (hash, id to body)
-- KEYS[3] the queue (list of ids)
-- ARGV[1] who moves: a consumer that is there for that moment only
-- ARGV[2] the consumer group
-- ARGV[3] how many at most
-- Returns how many left the stream.
-- Invariant: a message waits in one of the two places, in its order, never in both and never in none.

if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local last = last_taken(KEYS[1], ARGV[2])
if #redis.call('XRANGE', KEYS[1], '(' .. (last or '0-0'), '+', 'COUNT', 1) == 0 then return 0 end
if not last then redis.call('XGROUP', 'CREATE', KEYS[1], ARGV[2], '0') end
local found = redis.call('XREADGROUP', 'GROUP', ARGV[2], ARGV[1], 'COUNT', ARGV[3], 'STREAMS', KEYS[1], '>')
local entries = found and found[1][2] or {}
for _, entry in ipairs(entries) do
  local id, body = read_entry(KEYS[2], entry[1], entry[2])
  if body then redis.call('RPUSH', KEYS[3], id) end
  redis.call('XACK', KEYS[1], ARGV[2], entry[1])
end
redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[2], ARGV[1])
return #entries
