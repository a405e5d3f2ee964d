-- _lag: how many entries of a stream a group was not given yet, and how many it was given and has not settled.

-- Counts at most `most` entries one by one, where the server does not know how many wait: somebody has
-- deleted some in the middle. What cannot be told is more, never nothing.
local function lag_of(stream, name, most)
  if redis.call('EXISTS', stream) == 0 then return 0, 0 end
  for _, info in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local group = {}
    for i = 1, #info, 2 do group[info[i]] = info[i + 1] end
    if group.name == name then
      local waiting = group.lag
      if type(waiting) ~= 'number' then
        waiting = #redis.call('XRANGE', stream, '(' .. group['last-delivered-id'], '+', 'COUNT', most)
        if waiting == most then waiting = redis.call('XLEN', stream) end
      end
      return waiting, group.pending
    end
  end
  return redis.call('XLEN', stream), 0
end
