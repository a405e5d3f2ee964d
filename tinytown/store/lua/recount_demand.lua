-- recount_demand: count anew what waits for turns, from all turns of the town.
-- include: _time _demand
-- KEYS[1] demand (hash)
-- KEYS[2] turns that are ready (zset)
-- KEYS[3] agent ids (zset)
-- KEYS[4…] for each agent: turn (hash), urgent mail (list), dead letters (list)
-- ARGV[1] version of the counts
-- ARGV[2…] for each agent: id, role or empty where it is not known
-- Returns 'counted', or 'changed' when these are not all agents of the town, and changes nothing.
-- Invariant: whatever the sums said before, they are right afterwards; those of other owners stay.

local agents = (#ARGV - 1) / 2
if redis.call('ZCARD', KEYS[3]) ~= agents then return 'changed' end
for i = 1, agents do
  if not redis.call('ZSCORE', KEYS[3], ARGV[i * 2]) then return 'changed' end
end
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  if not string.match(field, '^awaiting_approval/') and not string.match(field, '^blocked_by_dependency/') then
    redis.call('HDEL', KEYS[1], field)
  end
end
redis.call('DEL', KEYS[2])
local now = now_ms()
for i = 1, agents do
  local turn, role = KEYS[i * 3 + 1], ARGV[i * 2 + 1]
  redis.call('HDEL', turn, 'counted')
  if role ~= '' then redis.call('HSET', turn, 'role', role) end
  local is = redis.call('HMGET', turn, 'state', 'not_before', 'delay')
  if is[1] == 'scheduled' and not is[3] and tonumber(is[2] or '0') > now then redis.call('HSET', turn, 'delay', 'delayed') end
  reweigh(KEYS[1], KEYS[2], turn, ARGV[i * 2], KEYS[i * 3 + 2], KEYS[i * 3 + 3])
end
redis.call('HSET', KEYS[1], 'version', ARGV[1])
return 'counted'
