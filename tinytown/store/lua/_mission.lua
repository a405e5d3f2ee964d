-- _mission: ring for a mission, and look soon at those that want hands.
-- include: _bell

-- Rings unless a bell for it is still on its way. Answers 'rung' or 'waiting'.
local function ring_mission(bells, messages, queue, mission, bell, body)
  local known = redis.call('HGET', bells, mission)
  if known and redis.call('HEXISTS', messages, known) == 1 then return 'waiting' end
  redis.call('HSET', bells, mission, bell)
  ring(messages, queue, bell, body)
  return 'rung'
end
