-- add_agent: register a new agent under a name of its own.
-- include: _time _event _demand _hungry
-- KEYS[1] agent record (string, JSON)
-- KEYS[2] names (hash: name -> agent id)
-- KEYS[3] agent ids (zset)
-- KEYS[4] nicknames (zset)
-- KEYS[5] agents in its state (zset)
-- KEYS[6] turn (hash)
-- KEYS[7] demand (hash)
-- KEYS[8] turns that are ready (zset)
-- KEYS[9] missions that want hands (set)
-- KEYS[10] missions due (zset)
-- KEYS[11…] event streams
-- ARGV[1] agent id
-- ARGV[2] name
-- ARGV[3] record, JSON
-- ARGV[4] nickname entry, or empty
-- ARGV[5] hold: why mail must not wake it, or empty
-- ARGV[6] role
-- ARGV[7…] event: kind, JSON, one length limit for each stream
-- Returns 'added', or 'exists' and changes nothing.
-- Invariant: a name belongs to one agent; record, name and state index appear together.

if redis.call('HEXISTS', KEYS[2], ARGV[2]) == 1 then return 'exists' end
redis.call('SET', KEYS[1], ARGV[3])
redis.call('HSET', KEYS[2], ARGV[2], ARGV[1])
redis.call('ZADD', KEYS[3], 0, ARGV[1])
if ARGV[4] ~= '' then redis.call('ZADD', KEYS[4], 0, ARGV[4]) end
redis.call('ZADD', KEYS[5], now_ms(), ARGV[1])
redis.call('HSET', KEYS[6], 'state', 'idle', 'epoch', 0, 'waiting', 0)
if ARGV[5] ~= '' then redis.call('HSET', KEYS[6], 'hold', ARGV[5]) end
reweigh(KEYS[7], KEYS[8], KEYS[6], ARGV[1], nil, nil, ARGV[6])
feed(KEYS[9], KEYS[10], now_ms())
emit(11, 7)
return 'added'
