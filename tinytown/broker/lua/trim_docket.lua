-- trim_docket: forget the oldest of what was answered long ago.
-- KEYS[1] the docket (stream)
-- ARGV[1] the consumer group
-- ARGV[2] how many answered entries are kept
-- Returns how many entries were forgotten.
-- Invariant: nothing goes that is not acked; entries go from the front only, because the server could not
-- tell how many wait any more if one went from the middle.

if redis.call('XLEN', KEYS[1]) <= tonumber(ARGV[2]) then return 0 end
for _, info in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #info, 2 do group[info[i]] = info[i + 1] end
  if group.name == ARGV[1] then
    local oldest = redis.call('XPENDING', KEYS[1], ARGV[1])[2]
    local done = oldest and '(' .. oldest or group['last-delivered-id']
    local kept = redis.call('XREVRANGE', KEYS[1], done, '-', 'COUNT', ARGV[2])
    if #kept < tonumber(ARGV[2]) then return 0 end
    return redis.call('XTRIM', KEYS[1], 'MINID', kept[#kept][1])
  end
end
return 0
