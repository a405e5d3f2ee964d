-- _time: the server's own clock.

local function now_ms()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- With fractions of a millisecond, for lists whose order is that of arrival.
local function now_exactly()
  local t = redis.call('TIME')
  return t[1] * 1000 + t[2] / 1000
end
