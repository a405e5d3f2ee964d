-- receive_messages: take messages out of a mailbox for good, urgent ones first.
-- include: _time _mail _demand
-- KEYS[1] inbox (list)
-- KEYS[2] urgent (list)
-- KEYS[3] dead letters (list)
-- KEYS[4] turn (hash)
-- KEYS[5] receipts (hash)
-- KEYS[6] settled receipts (zset)
-- KEYS[7] demand (hash)
-- KEYS[8] turns that are ready (zset)
-- ARGV[1] how many at most
-- ARGV[2] '1' to be nudged when mail comes to an empty box
-- ARGV[3] 'urgent' to take urgent mail only, or empty
-- ARGV[4] agent id
-- Returns the messages, JSON.
-- Invariant: a message is returned once, and its receipt says that it was read.

local now = now_ms()
local got = {}
local ordinary = ARGV[3] == 'urgent' and KEYS[2] or KEYS[1]
while #got < tonumber(ARGV[1]) do
  local entry, id = pop(ordinary, KEYS[2], KEYS[3], KEYS[4], KEYS[5])
  if not entry then break end
  settle(KEYS[5], KEYS[6], id, now, 'received')
  got[#got + 1] = entry
end
if ARGV[2] == '1' then
  if #got == 0 then redis.call('HSET', KEYS[4], 'listening', now) else redis.call('HDEL', KEYS[4], 'listening') end
end
reweigh(KEYS[7], KEYS[8], KEYS[4], ARGV[4], KEYS[2], KEYS[3])
return got
