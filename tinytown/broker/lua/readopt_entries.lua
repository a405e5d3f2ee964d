-- readopt_entries: put messages that nobody holds back into a queue that may have a stream.
-- include: _docket _entries
-- KEYS[1] the docket (stream)
-- KEYS[2] the queue (list of ids)
-- KEYS[3] the messages of the queue (hash, id to body)
-- KEYS[4..] what each known process has taken from the list (sets of ids)
-- ARGV[1] the consumer group
-- ARGV[2] '1' when they are to wait on the stream, else in front of the list
-- ARGV[3..] the ids that seem to belong to nobody
-- Returns how many went back.
-- Invariant: an id goes back only when it has a body and stands in no stream, no list and no set.

local orphans, count = {}, 0
for i = 3, #ARGV do
  local orphan = redis.call('HEXISTS', KEYS[3], ARGV[i]) == 1 and not redis.call('LPOS', KEYS[2], ARGV[i])
  for k = 4, #KEYS do orphan = orphan and redis.call('SISMEMBER', KEYS[k], ARGV[i]) == 0 end
  if orphan then orphans[ARGV[i]], count = true, count + 1 end
end
each_living(KEYS[1], ARGV[1], function(id)
  if id and orphans[id] then orphans[id], count = nil, count - 1 end
  return count == 0
end)
for i = 3, #ARGV do
  if orphans[ARGV[i]] and ARGV[2] == '1' then
    add_entry(KEYS[1], ARGV[i], redis.call('HGET', KEYS[3], ARGV[i]))
  elseif orphans[ARGV[i]] then
    redis.call('LPUSH', KEYS[2], ARGV[i])
  end
end
return count
