-- send_message: put a message into a mailbox and ring for its agent.
-- include: _time _bell _demand
-- KEYS[1] inbox (list)
-- KEYS[2] urgent (list)
-- KEYS[3] turn (hash)
-- KEYS[4] receipts (hash)
-- KEYS[5] agent record (string, JSON)
-- KEYS[6] counters (hash)
-- KEYS[7] turns due (zset)
-- KEYS[8] bell messages (hash)
-- KEYS[9] bell queue (list)
-- KEYS[10] nudge (list)
-- KEYS[11] demand (hash)
-- KEYS[12] turns that are ready (zset)
-- ARGV[1] message, JSON
-- ARGV[2] message id
-- ARGV[3] agent id
-- ARGV[4] 'urgent', 'head' or 'tail': where it goes
-- ARGV[5] '1' when it asks for something, and so wakes the agent
-- ARGV[6] '1' when the recipient needs a record; the supervisor has none
-- ARGV[7] bell id
-- ARGV[8] bell body
-- ARGV[9] answer time in milliseconds
-- Returns 'rung', 'waiting', 'held:<why>', 'kept' (it wakes nobody), 'duplicate' or 'no agent'.
-- Invariant: a message that was accepted lies in the mailbox once, and its receipt says so.

if ARGV[6] == '1' and redis.call('EXISTS', KEYS[5]) == 0 then return 'no agent' end
if redis.call('HEXISTS', KEYS[4], ARGV[2]) == 1 then return 'duplicate' end
local now = now_ms()
local wakes = ARGV[5] == '1'
local queue = 'inbox'
if ARGV[4] == 'urgent' then
  queue = 'urgent'
  redis.call('RPUSH', KEYS[2], ARGV[1])
elseif ARGV[4] == 'head' then
  redis.call('LPUSH', KEYS[1], ARGV[1])
else
  redis.call('RPUSH', KEYS[1], ARGV[1])
end
local receipt = {state = 'queued', agent = ARGV[3], queue = queue, wakes = wakes, attempt = 0, epoch = 0, at = now, reason = ''}
redis.call('HSET', KEYS[4], ARGV[2], cjson.encode(receipt))
redis.call('HINCRBY', KEYS[6], 'messages', 1)
if redis.call('HGET', KEYS[3], 'listening') then
  redis.call('RPUSH', KEYS[10], '1')
  redis.call('LTRIM', KEYS[10], 0, 0)
  redis.call('PEXPIRE', KEYS[10], 60000)
end
local bell = 'kept'
if wakes then redis.call('HINCRBY', KEYS[3], 'waiting', 1) end
if wakes and ARGV[6] == '1' then
  bell = schedule(KEYS[3], KEYS[7], KEYS[8], KEYS[9], ARGV[3], ARGV[7], ARGV[8], tonumber(ARGV[9]), now)
end
if wakes or queue == 'urgent' then reweigh(KEYS[11], KEYS[12], KEYS[3], ARGV[3], queue == 'urgent' and KEYS[2] or nil) end
return bell
