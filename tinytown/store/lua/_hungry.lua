-- _hungry: missions that have work and no agent for it are looked at when an agent has time.

local function feed(hungry, due, now)
  for _, mission in ipairs(redis.call('SMEMBERS', hungry)) do redis.call('ZADD', due, 'LT', now, mission) end
end
