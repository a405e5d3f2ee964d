-- forget_receipts: drop receipts of messages that were settled long ago.
-- include: _time
-- KEYS[1] receipts (hash)
-- KEYS[2] settled receipts (zset)
-- ARGV[1] age in milliseconds
-- ARGV[2] how many at most
-- Returns how many were dropped.
-- Invariant: a receipt that is not settled is kept.

local old = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now_ms() - tonumber(ARGV[1]), 'LIMIT', 0, ARGV[2])
if #old > 0 then
  redis.call('HDEL', KEYS[1], unpack(old))
  redis.call('ZREM', KEYS[2], unpack(old))
end
return #old
