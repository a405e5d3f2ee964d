-- read_docket: count the bells on the stream that nobody has taken, and those that are being answered.
-- KEYS[1] docket (stream)
-- ARGV[1] the consumer group
-- ARGV[2] how many entries are counted one by one, where the server cannot say how many wait
-- Returns {waiting, taken}.
-- Invariant: reads only; what cannot be told is more, never nothing.

if redis.call('EXISTS', KEYS[1]) == 0 then return {0, 0} end
for _, info in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #info, 2 do group[info[i]] = info[i + 1] end
  if group.name == ARGV[1] then
    local waiting = group.lag
    -- Somebody deleted entries in the middle, or the server is older than 7.
    if type(waiting) ~= 'number' then
      waiting = #redis.call('XRANGE', KEYS[1], '(' .. group['last-delivered-id'], '+', 'COUNT', ARGV[2])
      if waiting == tonumber(ARGV[2]) then waiting = redis.call('XLEN', KEYS[1]) end
    end
    return {waiting, group.pending}
  end
end
return {redis.call('XLEN', KEYS[1]), 0}
