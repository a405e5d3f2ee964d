-- _bell: ring for an agent, or for a task that waits to be assigned.
-- include: _docket

-- Puts a Dramatiq message onto a queue: a list, in Dramatiq's own wire form, or a stream.
local function ring(messages, queue, bell, body)
  redis.call('HSET', messages, bell, body)
  if is_docket(queue) then add_entry(queue, bell, body) else redis.call('RPUSH', queue, bell) end
end

-- Has an agent whose mail wants a turn one coming? Answers 'rung', 'waiting' (one is
-- scheduled or running already) or 'held:<why>'.
local function schedule(turn, due, messages, queue, agent, bell, body, answer_ms, now)
  local state = redis.call('HMGET', turn, 'state', 'hold')
  if state[2] then return 'held:' .. state[2] end
  if state[1] == 'scheduled' or state[1] == 'running' then return 'waiting' end
  redis.call('HSET', turn, 'state', 'scheduled', 'scheduled_at', now, 'not_before', 0, 'bell', bell)
  redis.call('ZADD', due, now + answer_ms, agent)
  ring(messages, queue, bell, body)
  return 'rung'
end
