-- settle_message: take one message out of a list for good.
-- include: _time _mail _demand
-- KEYS[1] the list it lies in (list)
-- KEYS[2] turn of the agent that has it (hash)
-- KEYS[3] receipts (hash)
-- KEYS[4] settled receipts (zset)
-- KEYS[5] demand (hash)
-- KEYS[6] turns that are ready (zset)
-- KEYS[7] urgent mail of the agent that has it (list)
-- KEYS[8] dead letters of the agent that has it (list)
-- ARGV[1] message as it lies there
-- ARGV[2] message id, or empty for a thing that is no message
-- ARGV[3] '1' when the list is a mailbox, '0' for dead letters
-- ARGV[4] reason
-- ARGV[5] agent id of the agent that has it
-- Returns 'settled' or 'gone'.
-- Invariant: the receipt says why it is gone.

if redis.call('LREM', KEYS[1], 1, ARGV[1]) == 0 then return 'gone' end
if ARGV[2] ~= '' then
  if ARGV[3] == '1' and receipt_of(KEYS[3], ARGV[2]).wakes then count_waiting(KEYS[2], -1) end
  settle(KEYS[3], KEYS[4], ARGV[2], now_ms(), ARGV[4])
end
reweigh(KEYS[5], KEYS[6], KEYS[2], ARGV[5], KEYS[7], KEYS[8])
return 'settled'
