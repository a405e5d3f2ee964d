-- start_tasks: mark the tasks of a turn as running.
-- include: _time _record
-- KEYS[1] turn (hash)
-- KEYS[2] agent record (string, JSON)
-- KEYS[3] assigned tasks (zset)
-- KEYS[4] running tasks (zset)
-- KEYS[5…] task records (string, JSON)
-- ARGV[1] epoch of the turn that speaks
-- ARGV[2] expected version of the agent
-- ARGV[3] agent record, JSON
-- ARGV[4…] for each task: id, expected version, record as JSON
-- Returns 'started', 'stale' or 'turn over'; all tasks are started, or none.
-- Invariant: a task is running only in a turn that has the lease.

local turn = redis.call('HMGET', KEYS[1], 'state', 'epoch', 'lease_until')
local now = now_ms()
if turn[1] ~= 'running' or turn[2] ~= ARGV[1] or tonumber(turn[3]) <= now then return 'turn over' end
if compare(KEYS[2], ARGV[2]) ~= 'same' then return 'stale' end
for i = 5, #KEYS do
  if compare(KEYS[i], ARGV[(i - 5) * 3 + 5]) ~= 'same' then return 'stale' end
end
redis.call('SET', KEYS[2], ARGV[3])
for i = 5, #KEYS do
  local arg = 4 + (i - 5) * 3
  redis.call('SET', KEYS[i], ARGV[arg + 2])
  redis.call('ZREM', KEYS[3], ARGV[arg])
  redis.call('ZADD', KEYS[4], now, ARGV[arg])
end
return 'started'
