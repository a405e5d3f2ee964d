-- beat: say that a process lives.
-- KEYS[1] heartbeats (sorted set, process to time)
-- ARGV[1] the process
-- Returns the time in milliseconds, as text.
-- Invariant: the time is the server's, so a client with a wrong clock is neither dead nor immortal.

local now = redis.call('TIME')
local ms = string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000))
redis.call('ZADD', KEYS[1], ms, ARGV[1])
return ms
