-- begin_turn: take the lease on an agent, and a bounded batch of its mail.
-- include: _time _record _event _mail _demand
-- KEYS[1] inbox (list)
-- KEYS[2] urgent (list)
-- KEYS[3] taken (list)
-- KEYS[4] dead letters (list)
-- KEYS[5] turn (hash)
-- KEYS[6] receipts (hash)
-- KEYS[7] agent record (string, JSON)
-- KEYS[8] agents in the old state (zset)
-- KEYS[9] agents in the new state (zset)
-- KEYS[10] leases (zset)
-- KEYS[11] turns due (zset)
-- KEYS[12] demand (hash)
-- KEYS[13] turns that are ready (zset)
-- KEYS[14…] event streams
-- ARGV[1] agent id
-- ARGV[2] worker id
-- ARGV[3] lease in milliseconds
-- ARGV[4] most messages of a batch
-- ARGV[5] most bytes of a batch; the first message is taken whatever its size
-- ARGV[6] expected version of the agent
-- ARGV[7] agent record, JSON
-- ARGV[8…] event: kind, JSON, one length limit for each stream
-- Returns {'began', epoch, failures, message, attempt, message, attempt …}, or one of {'busy'}, {'dead'} (a lease ran
-- out and must be reaped first), {'held:<why>'}, {'early'} (it waits after a failure), {'empty'}, {'stale'},
-- {'missing'}, {'unreadable'}.
-- Invariant: one lease at a time; the epoch grows with each turn; what failed before comes first, and alone.

local found = compare(KEYS[7], ARGV[6])
if found == 'changed' then return {'stale'} end
if found ~= 'same' then return {found} end
local now = now_ms()
local turn = redis.call('HMGET', KEYS[5], 'state', 'hold', 'lease_until', 'not_before')
if turn[1] == 'running' then return {tonumber(turn[3] or '0') > now and 'busy' or 'dead'} end
if turn[2] then return {'held:' .. turn[2]} end
if turn[1] == 'scheduled' and tonumber(turn[4] or '0') > now then return {'early'} end
redis.call('ZREM', KEYS[11], ARGV[1])
if tonumber(redis.call('HGET', KEYS[5], 'waiting') or '0') <= 0 then
  redis.call('HSET', KEYS[5], 'state', 'idle')
  redis.call('HDEL', KEYS[5], 'delay')
  reweigh(KEYS[12], KEYS[13], KEYS[5], ARGV[1])
  return {'empty'}
end
local epoch = redis.call('HINCRBY', KEYS[5], 'epoch', 1)
local answer = {'began', epoch, tonumber(redis.call('HGET', KEYS[5], 'failures') or '0')}
local count = 0
local bytes = 0
while count < tonumber(ARGV[4]) do
  local message, id, receipt, queue = pop(KEYS[1], KEYS[2], KEYS[4], KEYS[5], KEYS[6])
  if not message then break end
  bytes = bytes + #message
  -- What failed before runs alone, so that it takes nothing else down with it.
  if count > 0 and (receipt.attempt > 0 or bytes > tonumber(ARGV[5])) then
    redis.call('LPUSH', queue, message)
    if receipt.wakes then count_waiting(KEYS[5], 1) end
    break
  end
  receipt.epoch = epoch
  note(KEYS[6], id, receipt, 'taken', now, '')
  redis.call('RPUSH', KEYS[3], message)
  count = count + 1
  answer[#answer + 1] = message
  answer[#answer + 1] = receipt.attempt
  if receipt.attempt > 0 then break end
end
if count == 0 then
  redis.call('HSET', KEYS[5], 'state', 'idle', 'waiting', 0)
  redis.call('HDEL', KEYS[5], 'delay')
  reweigh(KEYS[12], KEYS[13], KEYS[5], ARGV[1], KEYS[2], KEYS[4])
  return {'empty'}
end
local lease_until = now + tonumber(ARGV[3])
redis.call('HSET', KEYS[5], 'state', 'running', 'worker', ARGV[2], 'lease_until', lease_until, 'began_at', now)
redis.call('HDEL', KEYS[5], 'ask', 'bell', 'delay')
redis.call('ZADD', KEYS[10], lease_until, ARGV[1])
redis.call('SET', KEYS[7], ARGV[7])
reindex(KEYS[8], KEYS[9], ARGV[1], now)
reweigh(KEYS[12], KEYS[13], KEYS[5], ARGV[1], KEYS[2], KEYS[4])
emit(14, 8)
return answer
