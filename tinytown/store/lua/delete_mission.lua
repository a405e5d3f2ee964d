-- delete_mission: forget a mission and all that belongs to it.
-- include: _record
-- KEYS[1] mission record (string, JSON)
-- KEYS[2] work items (hash)
-- KEYS[3] watches (hash)
-- KEYS[4] notes (hash)
-- KEYS[5] its open tasks (set)
-- KEYS[6] its events (stream)
-- KEYS[7] dispatch lock (string with a time to live)
-- KEYS[8] active missions (set)
-- KEYS[9] missions in its state (set)
-- KEYS[10] mission ids (zset)
-- KEYS[11] missions due (zset)
-- KEYS[12] when missions were last driven (zset)
-- KEYS[13] mission bells (hash)
-- KEYS[14] issues and pull requests that missions wait for (zset)
-- KEYS[15] missions that want hands (set)
-- ARGV[1] mission id
-- ARGV[2] expected version
-- ARGV[3…] its references
-- Returns 'deleted', 'stale', 'missing', 'unreadable' or 'tasks' (some are open).
-- Invariant: nothing points at a mission that is gone, and no late writer finds a record to change.

local found = compare(KEYS[1], ARGV[2])
if found == 'changed' then return 'stale' end
if found ~= 'same' then return found end
if redis.call('SCARD', KEYS[5]) > 0 then return 'tasks' end
redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7])
redis.call('SREM', KEYS[8], ARGV[1])
redis.call('SREM', KEYS[9], ARGV[1])
redis.call('ZREM', KEYS[10], ARGV[1])
redis.call('ZREM', KEYS[11], ARGV[1])
redis.call('ZREM', KEYS[12], ARGV[1])
redis.call('HDEL', KEYS[13], ARGV[1])
redis.call('SREM', KEYS[15], ARGV[1])
for i = 3, #ARGV do redis.call('ZREM', KEYS[14], ARGV[i]) end
return 'deleted'
