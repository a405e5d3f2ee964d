-- delete_task: forget a task.
-- include: _record
-- KEYS[1] task record (string, JSON)
-- KEYS[2] task ids (zset)
-- KEYS[3] tasks in its state (zset)
-- KEYS[4] backlog (list)
-- KEYS[5] assignments (zset)
-- KEYS[6] assignment bells (hash)
-- KEYS[7] open tasks of the agent that has it (set)
-- KEYS[8] tasks by when they were stored (zset)
-- KEYS[9] open tasks of its mission (set)
-- ARGV[1] task id
-- ARGV[2] expected version
-- Returns 'deleted', 'stale', 'missing' or 'unreadable'.
-- Invariant: nothing points at a task that is gone.

local found = compare(KEYS[1], ARGV[2])
if found == 'changed' then return 'stale' end
if found ~= 'same' then return found end
redis.call('UNLINK', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('LREM', KEYS[4], 0, ARGV[1])
redis.call('ZREM', KEYS[5], ARGV[1])
redis.call('HDEL', KEYS[6], ARGV[1])
redis.call('SREM', KEYS[7], ARGV[1])
redis.call('ZREM', KEYS[8], ARGV[1])
redis.call('SREM', KEYS[9], ARGV[1])
return 'deleted'
