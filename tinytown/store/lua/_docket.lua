-- _docket: bells on a stream, in place of a list.

-- A queue is a stream when its name ends so; see tinytown/store/keys.py.
local function is_docket(queue)
  return string.sub(queue, -13) == ':docket:tasks'
end

-- The server's time as RFC 3339 writes it. Lua in Redis has no calendar; days are counted from 1 March of the year 0.
local function rfc3339()
  local t = redis.call('TIME')
  local days = math.floor(t[1] / 86400) + 719468
  local of_era = days % 146097
  local year = math.floor((of_era - math.floor(of_era / 1460) + math.floor(of_era / 36524) - math.floor(of_era / 146096)) / 365)
  local of_year = of_era - 365 * year - math.floor(year / 4) + math.floor(year / 100)
  local month = math.floor((5 * of_year + 2) / 153)
  local day = of_year - math.floor((153 * month + 2) / 5) + 1
  year = year + 400 * math.floor(days / 146097)
  if month >= 10 then year, month = year + 1, month - 12 end
  local seconds = t[1] % 86400
  local hour, minute = math.floor(seconds / 3600), math.floor(seconds % 3600 / 60)
  return string.format('%04d-%02d-%02dT%02d:%02d:%02d.%03dZ', year, month + 3, day, hour, minute, seconds % 60, math.floor(t[2] / 1000))
end

-- Lets a bell wait at the end of a stream. What cannot be read out of its message stays empty:
-- whoever takes it will find out.
local function add_entry(docket, bell, body)
  local readable, message = pcall(cjson.decode, body)
  local actor, recipient
  if readable and type(message) == 'table' then
    actor = message.actor_name
    if type(message.args) == 'table' then recipient = message.args[1] end
  end
  redis.call(
    'XADD', docket, '*', 'id', bell, 'task_id', '', 'type', type(actor) == 'string' and actor or '',
    'message', 'doorbell', 'priority', 'normal', 'from', 'tinytown',
    'to', type(recipient) == 'string' and recipient or '', 'timestamp', rfc3339()
  )
end
