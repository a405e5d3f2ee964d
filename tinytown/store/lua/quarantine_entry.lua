-- quarantine_entry: put a thing that began like a message, and is none, among the dead letters.
-- include: _time _mail _demand
-- KEYS[1] the list it lies in (list)
-- KEYS[2] dead letters (list)
-- KEYS[3] receipts (hash)
-- KEYS[4] settled receipts (zset)
-- KEYS[5] turn of the agent that has it (hash)
-- KEYS[6] demand (hash)
-- KEYS[7] turns that are ready (zset)
-- ARGV[1] entry as it lies there
-- ARGV[2] '1' when it was taken out of the list already
-- ARGV[3] agent id
-- Returns 'quarantined' or 'gone'.
-- Invariant: what cannot be read is kept for people to look at, and blocks nothing.

if ARGV[2] ~= '1' and redis.call('LREM', KEYS[1], 1, ARGV[1]) == 0 then return 'gone' end
redis.call('RPUSH', KEYS[2], ARGV[1])
local id = message_id(ARGV[1])
if id then
  note(KEYS[3], id, receipt_of(KEYS[3], id), 'dead', now_ms(), 'malformed')
  redis.call('ZREM', KEYS[4], id)
end
reweigh(KEYS[6], KEYS[7], KEYS[5], ARGV[3], nil, KEYS[2])
return 'quarantined'
