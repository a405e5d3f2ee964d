-- reap_entries: let what a dead process had taken from a stream wait again, and strike the process off.
-- include: _entries
-- KEYS[1] heartbeats (sorted set, process to time)
-- KEYS[2] the docket (stream)
-- KEYS[3] the messages of the queue (hash, id to body)
-- ARGV[1] the process
-- ARGV[2] the consumer group
-- ARGV[3] the silence, in milliseconds, that makes it dead
-- ARGV[4] how many entries at most
-- Returns {how many wait again, how many entries were looked at}; nothing, when the process lives after all.
-- Invariant: nothing is taken from a process that has spoken, or has taken anything, within the silence,
-- however long it has held what it holds; a consumer that holds anything is never deleted.

local now = redis.call('TIME')
local spoke = redis.call('ZSCORE', KEYS[1], ARGV[1])
if spoke and tonumber(spoke) > now[1] * 1000 + math.floor(now[2] / 1000) - ARGV[3] then return {0, 0} end
local quiet = false
for _, info in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[2], ARGV[2])) do
  local known = {}
  for i = 1, #info, 2 do known[info[i]] = info[i + 1] end
  if known.name == ARGV[1] then quiet = known.idle >= tonumber(ARGV[3]) end
end
if not quiet then return {0, 0} end
local held = redis.call('XPENDING', KEYS[2], ARGV[2], '-', '+', ARGV[4], ARGV[1])
local returned = 0
for _, pending in ipairs(held) do returned = returned + put_back(KEYS[2], KEYS[3], ARGV[2], pending[1]) end
if #redis.call('XPENDING', KEYS[2], ARGV[2], '-', '+', 1, ARGV[1]) == 0 then
  redis.call('XGROUP', 'DELCONSUMER', KEYS[2], ARGV[2], ARGV[1])
end
return {returned, #held}
