-- _record: compare a record's version without decoding it; `version` is its first member.

-- Answers 'same', 'missing', 'changed' or 'unreadable'.
local function compare(key, version)
  local kind = redis.call('TYPE', key).ok
  if kind == 'none' then return 'missing' end
  if kind ~= 'string' then return 'unreadable' end
  local stored = string.match(redis.call('GETRANGE', key, 0, 31), '^{"version":(%d+)')
  if not stored then return 'unreadable' end
  if stored == version then return 'same' end
  return 'changed'
end

-- Moves a member from one state's index to another's.
local function reindex(from, to, member, now)
  if from ~= to then
    redis.call('ZREM', from, member)
    redis.call('ZADD', to, now, member)
  end
end
