-- take_permit: let a caller through if it keeps to its rate (generic cell rate algorithm).
-- include: _time
-- KEYS[1] when the caller will have used up what it took (string with a time to live, ms)
-- ARGV[1] milliseconds that one call costs
-- ARGV[2] calls that may come at once
-- Returns whether it may pass (1 or 0), how many more may come at once, and in milliseconds how
-- long until all of them may again and how long until one may (0 when it passed).
-- Invariant: of calls at the same moment no more pass than may come at once; a refused call costs nothing.

local now, cost, burst = now_exactly(), tonumber(ARGV[1]), tonumber(ARGV[2])
local free_at = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
-- A clock that was set back, or a limit that was made stricter, must not shut anybody out for longer than a whole burst takes.
free_at = math.min(free_at, now + cost * burst)
local after = free_at + cost
local early = after - now - cost * burst
if early > 0.001 then
  return {0, 0, math.ceil(free_at - now), math.ceil(early)}
end
redis.call('SET', KEYS[1], string.format('%.3f', after), 'PX', math.ceil(after - now))
return {1, math.floor((now + cost * burst - after) / cost + 0.000001), math.ceil(after - now), 0}
