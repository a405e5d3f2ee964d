-- count_failure: count a wrong key from an address, within a window that the first one opens.
-- KEYS[1] failures of the address (string with a time to live)
-- ARGV[1] length of the window in milliseconds
-- Returns how many there were within the window.
-- Invariant: the count has a time to live.

local count = redis.call('INCR', KEYS[1])
if count == 1 or redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count
