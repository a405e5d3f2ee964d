-- end_turn: give up the lease; settle or put back what the turn had taken.
-- include: _time _record _event _bell _mail _demand _tally _hungry
-- KEYS[1] inbox (list)
-- KEYS[2] urgent (list)
-- KEYS[3] taken (list)
-- KEYS[4] turn (hash)
-- KEYS[5] receipts (hash)
-- KEYS[6] settled receipts (zset)
-- KEYS[7] agent record (string, JSON)
-- KEYS[8] agents in the old state (zset)
-- KEYS[9] agents in the new state (zset)
-- KEYS[10] leases (zset)
-- KEYS[11] turns due (zset)
-- KEYS[12] bell messages (hash)
-- KEYS[13] bell queue (list)
-- KEYS[14] counters (hash)
-- KEYS[15] demand (hash)
-- KEYS[16] turns that are ready (zset)
-- KEYS[17] missions that want hands (set)
-- KEYS[18] missions due (zset)
-- KEYS[19…] event streams
-- ARGV[1] agent id
-- ARGV[2] epoch of the turn that speaks
-- ARGV[3] expected version of the agent
-- ARGV[4] agent record, JSON
-- ARGV[5] hold: why mail must not wake it from now on, '' for none, '=' to leave it as it is
-- ARGV[6] '1' when no mail may be waiting, for an agent that stops when its box is empty
-- ARGV[7] attempts to count on what is put back: 0 or 1
-- ARGV[8] back-off in milliseconds before the next turn; 0 rings at once
-- ARGV[9] '1' when the turn failed
-- ARGV[10] why messages are put back
-- ARGV[11] bell id
-- ARGV[12] bell body
-- ARGV[13] answer time in milliseconds
-- ARGV[14] how it ended: what turns are counted by
-- ARGV[15] how many messages are put back (the others are settled)
-- ARGV[16…] their ids, then the event: kind, JSON, one length limit for each stream
-- Returns 'ended:<bell>', 'turn over', 'stale', 'missing', 'unreadable' or 'mail'.
-- Invariant: only the newest epoch settles; mail that waits has a turn coming, now or after the back-off.

local turn = redis.call('HMGET', KEYS[4], 'state', 'epoch', 'began_at')
if turn[1] ~= 'running' or turn[2] ~= ARGV[2] then return 'turn over' end
local found = compare(KEYS[7], ARGV[3])
if found == 'changed' then return 'stale' end
if found ~= 'same' then return found end
local returns = tonumber(ARGV[15])
if ARGV[6] == '1' and (returns > 0 or tonumber(redis.call('HGET', KEYS[4], 'waiting') or '0') > 0) then return 'mail' end
local now = now_ms()
local back = {}
for i = 1, returns do back[ARGV[i + 15]] = true end
local handled = 0
local entry = redis.call('RPOP', KEYS[3])
while entry do
  local id = message_id(entry)
  if back[id] then
    put_back(KEYS[1], KEYS[2], KEYS[4], KEYS[5], entry, tonumber(ARGV[7]), now, ARGV[10])
  elseif settle(KEYS[5], KEYS[6], id, now, '') then
    handled = handled + 1
  end
  entry = redis.call('RPOP', KEYS[3])
end
redis.call('SET', KEYS[7], ARGV[4])
reindex(KEYS[8], KEYS[9], ARGV[1], now)
redis.call('ZREM', KEYS[10], ARGV[1])
redis.call('HDEL', KEYS[4], 'lease_until', 'ask')
redis.call('HSET', KEYS[4], 'state', 'idle')
if ARGV[9] == '1' then redis.call('HINCRBY', KEYS[4], 'failures', 1) else redis.call('HDEL', KEYS[4], 'failures') end
redis.call('HINCRBY', KEYS[14], 'rounds', 1)
if handled > 0 then redis.call('HINCRBY', KEYS[14], 'handled', handled) end
tally(KEYS[14], ARGV[14], now - tonumber(turn[3] or now))
if ARGV[5] == '' then
  redis.call('HDEL', KEYS[4], 'hold')
elseif ARGV[5] ~= '=' then
  redis.call('HSET', KEYS[4], 'hold', ARGV[5])
end
local bell = 'none'
if tonumber(redis.call('HGET', KEYS[4], 'waiting') or '0') > 0 then
  local backoff = tonumber(ARGV[8])
  if backoff > 0 and not redis.call('HGET', KEYS[4], 'hold') then
    redis.call('HSET', KEYS[4], 'state', 'scheduled', 'scheduled_at', now, 'not_before', now + backoff)
    redis.call('HSET', KEYS[4], 'delay', ARGV[10] == 'rate_limited' and 'rate_limited' or 'delayed')
    redis.call('HDEL', KEYS[4], 'bell')
    redis.call('ZADD', KEYS[11], now + backoff, ARGV[1])
    bell = 'later'
  else
    bell = schedule(KEYS[4], KEYS[11], KEYS[12], KEYS[13], ARGV[1], ARGV[11], ARGV[12], tonumber(ARGV[13]), now)
  end
end
reweigh(KEYS[15], KEYS[16], KEYS[4], ARGV[1], KEYS[2])
feed(KEYS[17], KEYS[18], now)
emit(19, 16 + returns)
return 'ended:' .. bell
