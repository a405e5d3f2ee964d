-- add_task: store a new pending task, in the backlog or with an assignment on its way.
-- include: _time _bell
-- KEYS[1] task record (string, JSON)
-- KEYS[2] task ids (zset)
-- KEYS[3] pending tasks (zset)
-- KEYS[4] backlog (list)
-- KEYS[5] assignments (zset)
-- KEYS[6] assignment bells (hash)
-- KEYS[7] bell messages (hash)
-- KEYS[8] bell queue (list)
-- KEYS[9] tasks by when they were stored (zset)
-- KEYS[10] open tasks of its mission (set)
-- ARGV[1] task id
-- ARGV[2] record, JSON
-- ARGV[3] bell id, or empty: the task goes to the backlog
-- ARGV[4] bell body
-- ARGV[5] answer time in milliseconds
-- ARGV[6] '1' when it belongs to a mission
-- Returns 'added', or 'exists' (told before: nothing changed).
-- Invariant: a pending task is in the backlog or among the assignments, never in neither.

if redis.call('EXISTS', KEYS[1]) == 1 then return 'exists' end
local now = now_ms()
redis.call('SET', KEYS[1], ARGV[2])
redis.call('ZADD', KEYS[2], 0, ARGV[1])
redis.call('ZADD', KEYS[3], now, ARGV[1])
redis.call('ZADD', KEYS[9], now, ARGV[1])
if ARGV[3] == '' then
  redis.call('RPUSH', KEYS[4], ARGV[1])
else
  redis.call('ZADD', KEYS[5], now_exactly() + tonumber(ARGV[5]), ARGV[1])
  redis.call('HSET', KEYS[6], ARGV[1], ARGV[3])
  ring(KEYS[7], KEYS[8], ARGV[3], ARGV[4])
end
if ARGV[6] == '1' then redis.call('SADD', KEYS[10], ARGV[1]) end
return 'added'
