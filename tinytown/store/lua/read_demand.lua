-- read_demand: read what an autoscaler goes by at one moment, and note how much there is to do.
-- include: _time _lag
-- KEYS[1] demand (hash)
-- KEYS[2] turns that are ready (zset)
-- KEYS[3] backlog (list)
-- KEYS[4] assignments (zset)
-- KEYS[5] pending tasks (zset)
-- KEYS[6] running tasks (zset)
-- KEYS[7] leases (zset)
-- KEYS[8] workers (zset)
-- KEYS[9] leader (string with a time to live)
-- KEYS[10] epoch of the leader (string)
-- KEYS[11] counters (hash)
-- KEYS[12] peaks (hash: start of a span -> most to do, when that was, most turns at once, then handled, when that was)
-- KEYS[13] docket (stream)
-- KEYS[14] requests to drain (hash: worker -> how)
-- KEYS[15…] agents and tasks in each state (zsets), then for each queue: bells (list), messages (hash), delayed (list),
-- dead letters (zset)
-- ARGV[1] consumer group of the docket, or empty: the bells of turns are in a list
-- ARGV[2] how long a peak counts, in milliseconds; 0 notes nothing
-- ARGV[3] pattern of the workers' records
-- ARGV[4] how many states there are
-- Returns {now, demand, oldest of each role, backlog, assignments, docket, what there is to do, workers, who was
-- asked to drain, leader,
-- counters, peaks, states, queues}; lists of what the keys hold, times in milliseconds.
-- Invariant: nothing here takes longer for more agents, tasks or messages; one round trip says it all.

local COUNTED = 1000 -- of bells that are counted one by one, where the server does not know how many wait
local PLACES = 16 -- of assignments that are looked at: who was rung for again has moved back a little
local now = now_ms()

local demand = redis.call('HGETALL', KEYS[1])
local sums = {ready = 0, wakeable = 0}
local oldest = {}
for i = 1, #demand, 2 do
  local class, role = string.match(demand[i], '^(%l+)/(.*)$')
  if sums[class] then sums[class] = sums[class] + tonumber(demand[i + 1]) end
  if class == 'ready' then
    local from, to = '[' .. role .. '\0', '(' .. role .. '\1'
    local first = redis.call('ZRANGEBYLEX', KEYS[2], from, to, 'LIMIT', 0, 1)[1]
    if first then oldest[#oldest + 1] = {first, redis.call('ZLEXCOUNT', KEYS[2], from, to)} end
  end
end

local function pending_since(tasks)
  local since = false
  for _, task in ipairs(tasks) do
    local score = redis.call('ZSCORE', KEYS[5], task)
    if score and (not since or tonumber(score) < tonumber(since)) then since = score end
  end
  return since
end

local backlog = redis.call('LLEN', KEYS[3])
local coming = redis.call('ZCARD', KEYS[4])
local running = redis.call('ZCARD', KEYS[7])
local pending = backlog + coming + sums.ready
local in_flight = math.max(running, redis.call('ZCARD', KEYS[6]))

local docket = {}
if ARGV[1] ~= '' then
  docket = {lag_of(KEYS[13], ARGV[1], COUNTED)}
  pending, in_flight = backlog + coming + docket[1], docket[2] -- what has no bell for a turn yet is work all the same
end

local ready = redis.call('ZCARD', KEYS[2])
local turns = running + ready + math.min(backlog + coming, math.max(0, sums.wakeable - running - ready))
local depth = pending + in_flight

local window = tonumber(ARGV[2])
if window > 0 then
  local width = math.max(100, math.floor(window / 60))
  local span = string.format('%d', now - now % width)
  local handled = redis.call('HGET', KEYS[11], 'handled') or '0'
  local most, at, most_turns, first, first_at = string.match(redis.call('HGET', KEYS[12], span) or '', '^(%d+) (%d+) (%d+) (%d+) (%d+)$')
  if not most or depth >= tonumber(most) then most, at = depth, now end
  most_turns = math.max(turns, tonumber(most_turns or '0'))
  redis.call('HSET', KEYS[12], span, string.format('%d %d %d %d %d', most, at, most_turns, first or handled, first_at or now))
  for _, old in ipairs(redis.call('HKEYS', KEYS[12])) do
    if tonumber(old) + width <= now - window or tonumber(old) > now then redis.call('HDEL', KEYS[12], old) end
  end
  redis.call('PEXPIRE', KEYS[12], window + width)
end

local states, queues = {}, {}
local first_queue = 15 + tonumber(ARGV[4])
for i = 15, first_queue - 1 do
  local newest = redis.call('ZRANGE', KEYS[i], -1, -1, 'WITHSCORES')
  states[#states + 1] = {redis.call('ZCARD', KEYS[i]), newest[2] or false}
end
for i = first_queue, #KEYS, 4 do
  local waiting = redis.call('LLEN', KEYS[i])
  local delayed, dead = redis.call('LLEN', KEYS[i + 2]), redis.call('ZCARD', KEYS[i + 3])
  queues[#queues + 1] = {waiting, math.max(0, redis.call('HLEN', KEYS[i + 1]) - waiting), delayed, dead}
end

-- Who may see only some keys may not fetch others' by a pattern; then the records are read afterwards, by id.
local records = redis.pcall('SORT', KEYS[8], 'BY', 'nosort', 'GET', ARGV[3])
local workers = records.err and {'ids', redis.call('ZRANGE', KEYS[8], 0, -1)} or {'records', records}

return {
  now, demand, oldest, {backlog, pending_since({redis.call('LINDEX', KEYS[3], 0) or ''})},
  {coming, pending_since(redis.call('ZRANGE', KEYS[4], 0, PLACES - 1))}, docket,
  {pending, in_flight, turns, running, pending_since(redis.call('ZRANGE', KEYS[5], 0, 0))}, workers,
  redis.call('HKEYS', KEYS[14]), {redis.call('GET', KEYS[9]), redis.call('GET', KEYS[10])}, redis.call('HGETALL', KEYS[11]),
  window > 0 and redis.call('HGETALL', KEYS[12]) or {}, states, queues,
}
