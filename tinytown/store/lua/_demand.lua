-- _demand: what waits for turns, counted by what it waits for and by role while it changes.

-- A turn notes in `counted` what it adds to the town's sums: class, how much mail waits, whether mail would
-- wake its agent, whether it runs, urgent mail, dead letters, and since when it is listed as ready. A step
-- changes the sums by the difference; so it mends, too, what a writer of an older version left undone.
local function counted_before(raw)
  local class, waiting, wakeable, running, urgent, dead, since = string.match(raw or '', '^(%S+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+)$')
  local function number(digits) return tonumber(digits or '0') end
  return {
    class = class or 'ready', waiting = number(waiting), wakeable = number(wakeable), running = number(running),
    urgent = number(urgent), dead = number(dead), since = since or '0',
  }
end

-- Changes one of the sums; those that are nothing are not kept, and none is less than nothing.
local function shift(demand, class, role, by)
  if by == 0 then return end
  local field = class .. '/' .. role
  if redis.call('HINCRBY', demand, field, by) <= 0 then redis.call('HDEL', demand, field) end
end

local function entry_of(role, since, agent)
  return role .. '\0' .. string.rep('0', 13 - #since) .. since .. '\0' .. agent
end

local function move_weight(demand, ready, agent, role, worker, old, new)
  if old.class == new.class then
    shift(demand, new.class, role, new.waiting - old.waiting)
  else
    shift(demand, old.class, role, -old.waiting)
    shift(demand, new.class, role, new.waiting)
  end
  for _, class in ipairs({'wakeable', 'running', 'urgent', 'dead'}) do shift(demand, class, role, new[class] - old[class]) end
  shift(demand, 'worker', worker or '', new.running - old.running)
  if old.since ~= new.since then
    if old.since ~= '0' then redis.call('ZREM', ready, entry_of(role, old.since, agent)) end
    if new.since ~= '0' then redis.call('ZADD', ready, 0, entry_of(role, new.since, agent)) end
  end
end

-- Counts what the turn of an agent adds to the demand by now. `urgent` and `dead` are its lists, where they may
-- have changed; `role` is its role, where that may have changed. The people's mailbox has no turn and adds nothing.
local function reweigh(demand, ready, turn, agent, urgent, dead, role)
  local is = redis.call('HMGET', turn, 'state', 'waiting', 'hold', 'delay', 'scheduled_at', 'worker', 'role', 'counted')
  local state, hold, delay = is[1], is[3], is[4]
  if not state then return end
  local old, known = counted_before(is[8]), is[7] or 'default'
  local waiting = math.max(0, tonumber(is[2] or '0'))
  local class = hold or (state == 'scheduled' and delay) or 'ready'
  local new = {
    class = class, waiting = waiting, wakeable = hold and 0 or 1, running = state == 'running' and 1 or 0,
    urgent = urgent and redis.call('LLEN', urgent) or old.urgent, dead = dead and redis.call('LLEN', dead) or old.dead,
    since = class == 'ready' and state == 'scheduled' and waiting > 0 and is[5] or '0',
  }
  if role and role ~= known then
    move_weight(demand, ready, agent, known, is[6], old, counted_before(''))
    old, known = counted_before(''), role
    redis.call('HSET', turn, 'role', role)
  end
  move_weight(demand, ready, agent, known, is[6], old, new)
  local counted = string.format(
    '%s %d %d %d %d %d %s', new.class, new.waiting, new.wakeable, new.running, new.urgent, new.dead, new.since
  )
  if counted ~= is[8] then redis.call('HSET', turn, 'counted', counted) end
end

-- Takes all that a turn added away again.
local function unweigh(demand, ready, turn, agent)
  local is = redis.call('HMGET', turn, 'worker', 'role', 'counted')
  move_weight(demand, ready, agent, is[2] or 'default', is[1], counted_before(is[3]), counted_before(''))
end
