-- take_entries: hand the first waiting messages to one process, which settles others with the same request.
-- include: _entries
-- KEYS[1] the docket (stream)
-- KEYS[2] the messages of the queue (hash, id to body)
-- KEYS[3] heartbeats (sorted set, process to time)
-- ARGV[1] the process
-- ARGV[2] the consumer group
-- ARGV[3] how many messages at most
-- ARGV[4] how many the process has done
-- ARGV[5…] entry and id of each of those, then the entries that it took while it waited
-- Returns entry, id, body, entry, id, body … in the order of the stream.
-- Invariant: what is handed out is pending; an entry whose message is gone is acked at once.

local now = redis.call('TIME')
redis.call('ZADD', KEYS[3], string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000)), ARGV[1])
local answer = {}

local function hand_out(entry, fields)
  local id, body = read_entry(KEYS[2], entry, fields)
  if body then
    answer[#answer + 1] = entry
    answer[#answer + 1] = id
    answer[#answer + 1] = body
  else
    redis.call('XACK', KEYS[1], ARGV[2], entry)
  end
end

local limit = tonumber(ARGV[3])
local ahead = 5 + 2 * tonumber(ARGV[4])
for i = 5, ahead - 1, 2 do
  if holds(KEYS[1], ARGV[2], ARGV[1], ARGV[i]) then
    redis.call('XACK', KEYS[1], ARGV[2], ARGV[i])
    redis.call('HDEL', KEYS[2], ARGV[i + 1])
  end
end
for i = ahead, #ARGV do
  if holds(KEYS[1], ARGV[2], ARGV[1], ARGV[i]) then
    limit = limit - 1
    local found = redis.call('XRANGE', KEYS[1], ARGV[i], ARGV[i])[1]
    if found then hand_out(ARGV[i], found[2]) else redis.call('XACK', KEYS[1], ARGV[2], ARGV[i]) end
  end
end
if limit > 0 then
  local found = redis.pcall('XREADGROUP', 'GROUP', ARGV[2], ARGV[1], 'COUNT', limit, 'STREAMS', KEYS[1], '>')
  if found and found.err then
    -- There is no group yet, or not any more. From the beginning: what was settled has no message left.
    redis.call('XGROUP', 'CREATE', KEYS[1], ARGV[2], '0', 'MKSTREAM')
    found = redis.call('XREADGROUP', 'GROUP', ARGV[2], ARGV[1], 'COUNT', limit, 'STREAMS', KEYS[1], '>')
  end
  for _, entry in ipairs(found and found[1][2] or {}) do hand_out(entry[1], entry[2]) end
end
return answer
