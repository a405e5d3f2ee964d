-- change_agent: store the next version of an agent, and hold back or let go of its mail.
-- include: _time _record _event _bell _demand _hungry
-- KEYS[1] agent record (string, JSON)
-- KEYS[2] agents in the old state (zset)
-- KEYS[3] agents in the new state (zset)
-- KEYS[4] turn (hash)
-- KEYS[5] turns due (zset)
-- KEYS[6] bell messages (hash)
-- KEYS[7] bell queue (list)
-- KEYS[8] demand (hash)
-- KEYS[9] turns that are ready (zset)
-- KEYS[10] missions that want hands (set)
-- KEYS[11] missions due (zset)
-- KEYS[12…] event streams
-- ARGV[1] agent id
-- ARGV[2] expected version
-- ARGV[3] record, JSON
-- ARGV[4] hold: why mail must not wake it, '' to let go, '=' to leave it as it is
-- ARGV[5] what the running turn is asked: 'cancel', or empty
-- ARGV[6] what the turn must be: 'quiet' (no turn is running), or empty
-- ARGV[7] bell id
-- ARGV[8] bell body
-- ARGV[9] answer time in milliseconds
-- ARGV[10] role
-- ARGV[11…] event: kind, JSON, one length limit for each stream
-- Returns 'changed:<bell>', 'stale' (another version is stored), 'missing', 'unreadable' or 'running'.
-- Invariant: an agent that is let go of while mail waits has a turn coming.

local found = compare(KEYS[1], ARGV[2])
if found == 'changed' then return 'stale' end
if found ~= 'same' then return found end
local now = now_ms()
local state = redis.call('HGET', KEYS[4], 'state')
if ARGV[6] == 'quiet' and state == 'running' then return 'running' end
redis.call('SET', KEYS[1], ARGV[3])
reindex(KEYS[2], KEYS[3], ARGV[1], now)
local bell = 'none'
if ARGV[5] ~= '' and state == 'running' then redis.call('HSET', KEYS[4], 'ask', ARGV[5]) end
if ARGV[4] == '' then
  redis.call('HDEL', KEYS[4], 'hold')
  if tonumber(redis.call('HGET', KEYS[4], 'waiting') or '0') > 0 then
    bell = schedule(KEYS[4], KEYS[5], KEYS[6], KEYS[7], ARGV[1], ARGV[7], ARGV[8], tonumber(ARGV[9]), now)
  end
elseif ARGV[4] ~= '=' then
  redis.call('HSET', KEYS[4], 'hold', ARGV[4])
  if state == 'scheduled' then
    redis.call('HSET', KEYS[4], 'state', 'idle')
    redis.call('HDEL', KEYS[4], 'delay')
    redis.call('ZREM', KEYS[5], ARGV[1])
  end
end
reweigh(KEYS[8], KEYS[9], KEYS[4], ARGV[1], nil, nil, ARGV[10])
feed(KEYS[10], KEYS[11], now)
emit(12, 11)
return 'changed:' .. bell
