-- change_mission: store the next version of a mission and of all that changed with it.
-- include: _time _record _mission
-- KEYS[1] mission record (string, JSON)
-- KEYS[2] work items (hash)
-- KEYS[3] watches (hash)
-- KEYS[4] notes (hash)
-- KEYS[5] active missions (set)
-- KEYS[6] missions in the old state (set)
-- KEYS[7] missions in the new state (set)
-- KEYS[8] mission ids (zset)
-- KEYS[9] missions due (zset)
-- KEYS[10] issues and pull requests that missions wait for (zset)
-- KEYS[11] hands: which agent has which item (hash)
-- KEYS[12] dispatch lock (string with a time to live)
-- KEYS[13] mission bells (hash)
-- KEYS[14] bell messages (hash)
-- KEYS[15] bell queue (list)
-- KEYS[16] missions that want hands (set)
-- KEYS[17…] event streams
-- ARGV[1] mission id
-- ARGV[2] expected version, or empty: there must be no such mission
-- ARGV[3] record, JSON
-- ARGV[4] token of the lease that the writer must have, or empty: whoever
-- ARGV[5] '1' when there is something to do for it
-- ARGV[6] in how many milliseconds to look at it, unless it is known
-- ARGV[7] bell id, or empty: it is not rung for
-- ARGV[8] bell body
-- ARGV[9] '1' when it has work and no agent for it
-- ARGV[10…] counted lists: items (id, JSON), watches (id, JSON), notes (id, JSON), notes to forget, references to
--   add, references to forget, hands to let go (agent, item), hands to take (agent, item), events (kind, JSON);
--   then one length limit for each stream
-- Returns 'changed', 'exists', 'stale', 'missing', 'unreadable', 'not leased' or 'taken:<agent>'.
-- Invariant: all of it is stored or nothing; an agent has one item of one mission at a time; what is driven is due some time,
-- whatever becomes of its bell.

if ARGV[2] == '' then
  if redis.call('EXISTS', KEYS[1]) == 1 then return 'exists' end
else
  local found = compare(KEYS[1], ARGV[2])
  if found ~= 'same' and found ~= 'changed' then return found end
  if ARGV[4] ~= '' and redis.call('GET', KEYS[12]) ~= ARGV[4] then return 'not leased' end
  if found == 'changed' then return 'stale' end
end

local at = 10
local function counted(width)
  local list, number = {}, tonumber(ARGV[at])
  for i = 1, number do
    local entry = {}
    for j = 1, width do entry[j] = ARGV[at + (i - 1) * width + j] end
    list[i] = entry
  end
  at = at + 1 + number * width
  return list
end
local items, watches, notes, old_notes = counted(2), counted(2), counted(2), counted(1)
local refs, old_refs, freed, taken, events = counted(1), counted(1), counted(2), counted(2), counted(2)

local leaving = {}
for _, hand in ipairs(freed) do leaving[hand[1]] = hand[2] end
for _, hand in ipairs(taken) do
  local has = redis.call('HGET', KEYS[11], hand[1])
  if has and has ~= hand[2] and has ~= leaving[hand[1]] then return 'taken:' .. hand[1] end
end

redis.call('SET', KEYS[1], ARGV[3])
for _, item in ipairs(items) do redis.call('HSET', KEYS[2], item[1], item[2]) end
for _, watch in ipairs(watches) do redis.call('HSET', KEYS[3], watch[1], watch[2]) end
for _, note in ipairs(notes) do redis.call('HSET', KEYS[4], note[1], note[2]) end
for _, note in ipairs(old_notes) do redis.call('HDEL', KEYS[4], note[1]) end
for _, ref in ipairs(old_refs) do redis.call('ZREM', KEYS[10], ref[1]) end
for _, ref in ipairs(refs) do redis.call('ZADD', KEYS[10], 0, ref[1]) end
for _, hand in ipairs(freed) do
  if redis.call('HGET', KEYS[11], hand[1]) == hand[2] then redis.call('HDEL', KEYS[11], hand[1]) end
end
for _, hand in ipairs(taken) do redis.call('HSET', KEYS[11], hand[1], hand[2]) end
redis.call('SREM', KEYS[6], ARGV[1])
redis.call('SADD', KEYS[7], ARGV[1])
redis.call('ZADD', KEYS[8], 0, ARGV[1])
if ARGV[5] == '1' then
  redis.call('SADD', KEYS[5], ARGV[1])
  redis.call('ZADD', KEYS[9], 'NX', now_ms() + tonumber(ARGV[6]), ARGV[1])
else
  redis.call('SREM', KEYS[5], ARGV[1])
  redis.call('ZREM', KEYS[9], ARGV[1])
end
if ARGV[9] == '1' then redis.call('SADD', KEYS[16], ARGV[1]) else redis.call('SREM', KEYS[16], ARGV[1]) end
for _, event in ipairs(events) do
  for i = 17, #KEYS do
    redis.call('XADD', KEYS[i], 'MAXLEN', '~', ARGV[at + i - 17], '*', 'event_type', event[1], 'data', event[2])
  end
end
if ARGV[7] ~= '' then ring_mission(KEYS[13], KEYS[14], KEYS[15], ARGV[1], ARGV[7], ARGV[8]) end
return 'changed'
