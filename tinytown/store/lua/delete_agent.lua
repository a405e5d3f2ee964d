-- delete_agent: forget an agent and its mailbox.
-- include: _record _demand
-- KEYS[1] agent record (string, JSON)
-- KEYS[2] names (hash: name -> agent id)
-- KEYS[3] agent ids (zset)
-- KEYS[4] nicknames (zset)
-- KEYS[5] agents in its state (zset)
-- KEYS[6] turn (hash)
-- KEYS[7] inbox (list)
-- KEYS[8] urgent (list)
-- KEYS[9] taken (list)
-- KEYS[10] dead letters (list)
-- KEYS[11] open tasks (set)
-- KEYS[12] turns due (zset)
-- KEYS[13] leases (zset)
-- KEYS[14] activity (list)
-- KEYS[15] logs (stream)
-- KEYS[16] the agent's events (stream)
-- KEYS[17] demand (hash)
-- KEYS[18] turns that are ready (zset)
-- ARGV[1] agent id
-- ARGV[2] expected version
-- ARGV[3] name
-- ARGV[4] nickname entry
-- ARGV[5] '1' to throw away mail that waits, and dead letters
-- Returns 'deleted', 'stale', 'missing', 'unreadable', 'running', 'mail' or 'tasks'.
-- Invariant: no mail and no open task is thrown away unless the caller says so.

local found = compare(KEYS[1], ARGV[2])
if found == 'changed' then return 'stale' end
if found ~= 'same' then return found end
if redis.call('HGET', KEYS[6], 'state') == 'running' then return 'running' end
if redis.call('SCARD', KEYS[11]) > 0 then return 'tasks' end
if ARGV[5] ~= '1' then
  for _, list in ipairs({KEYS[7], KEYS[8], KEYS[9], KEYS[10]}) do
    if redis.call('LLEN', list) > 0 then return 'mail' end
  end
end
if redis.call('HGET', KEYS[2], ARGV[3]) == ARGV[1] then redis.call('HDEL', KEYS[2], ARGV[3]) end
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[4])
redis.call('ZREM', KEYS[5], ARGV[1])
redis.call('ZREM', KEYS[12], ARGV[1])
redis.call('ZREM', KEYS[13], ARGV[1])
unweigh(KEYS[17], KEYS[18], KEYS[6], ARGV[1])
redis.call('UNLINK', KEYS[1], KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11], KEYS[14], KEYS[15], KEYS[16])
return 'deleted'
