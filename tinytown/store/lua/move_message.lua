-- move_message: hand a message that waits, or a dead letter, to a mailbox with a clean slate.
-- include: _time _bell _mail _demand
-- KEYS[1] the list it lies in (list)
-- KEYS[2] turn of the agent that has it (hash)
-- KEYS[3] inbox of the agent that gets it (list)
-- KEYS[4] turn of the agent that gets it (hash)
-- KEYS[5] record of the agent that gets it (string, JSON)
-- KEYS[6] receipts (hash)
-- KEYS[7] turns due (zset)
-- KEYS[8] bell messages (hash)
-- KEYS[9] bell queue (list)
-- KEYS[10] demand (hash)
-- KEYS[11] turns that are ready (zset)
-- KEYS[12] urgent mail of the agent that has it (list)
-- KEYS[13] dead letters of the agent that has it (list)
-- KEYS[14] urgent mail of the agent that gets it (list)
-- ARGV[1] message as it lies there
-- ARGV[2] message as it is to be delivered, JSON
-- ARGV[3] message id
-- ARGV[4] agent id of the agent that gets it
-- ARGV[5] '1' when the list is a mailbox, '0' for dead letters
-- ARGV[6] bell id
-- ARGV[7] bell body
-- ARGV[8] answer time in milliseconds
-- ARGV[9] '1' when it asks for something, and so wakes the agent
-- ARGV[10] agent id of the agent that has it
-- Returns 'rung', 'waiting', 'held:<why>', 'kept', 'gone' or 'no agent'.
-- Invariant: the message lies in one place before and after; what was not dead is as urgent as it was.

if redis.call('EXISTS', KEYS[5]) == 0 then return 'no agent' end
if redis.call('LREM', KEYS[1], 1, ARGV[1]) == 0 then return 'gone' end
local now = now_ms()
local receipt = receipt_of(KEYS[6], ARGV[3])
if ARGV[5] == '1' and receipt.wakes then count_waiting(KEYS[2], -1) end
receipt.wakes = ARGV[9] == '1'
receipt.attempt = 0
receipt.epoch = 0
if ARGV[5] ~= '1' then receipt.queue = 'inbox' end -- a dead letter that is tried again has no hurry any more
receipt.agent = ARGV[4]
note(KEYS[6], ARGV[3], receipt, 'queued', now, '')
redis.call('RPUSH', receipt.queue == 'urgent' and KEYS[14] or KEYS[3], ARGV[2])
local bell = 'kept'
if receipt.wakes then
  redis.call('HINCRBY', KEYS[4], 'waiting', 1)
  bell = schedule(KEYS[4], KEYS[7], KEYS[8], KEYS[9], ARGV[4], ARGV[6], ARGV[7], tonumber(ARGV[8]), now)
end
reweigh(KEYS[10], KEYS[11], KEYS[2], ARGV[10], KEYS[12], KEYS[13])
reweigh(KEYS[10], KEYS[11], KEYS[4], ARGV[4], KEYS[14])
return bell
