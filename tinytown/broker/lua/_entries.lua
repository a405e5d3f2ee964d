-- _entries: what this package does with the entries of a stream.

-- Whether a consumer has taken the entry, and nobody has settled it since.
local function holds(docket, group, consumer, entry)
  local found = redis.pcall('XPENDING', docket, group, entry, entry, 1, consumer)
  return not found.err and #found == 1
end

-- The id of the message that an entry stands for, if it says so.
local function message_of(fields)
  for i = 1, #fields, 2 do
    if fields[i] == 'id' then return fields[i + 1] end
  end
end

-- The id and the body of what an entry stands for; no body when the message is gone. What no broker of ours
-- wrote gets its fields for a body: as a message it is unreadable, and so ends among the dead letters.
local function read_entry(messages, entry, fields)
  local id = message_of(fields)
  if id then return id, redis.call('HGET', messages, id) end
  local said = {}
  for i = 1, #fields, 2 do said[fields[i]] = fields[i + 1] end
  local body = cjson.encode(said)
  redis.call('HSET', messages, entry, body)
  return entry, body
end

-- Lets what was taken wait again, at the end, if there is a message left to work on: 1, or 0.
local function put_back(docket, messages, group, entry)
  local found = redis.call('XRANGE', docket, entry, entry)[1]
  redis.call('XACK', docket, group, entry)
  if not found then return 0 end
  local fields = found[2]
  local id, body = read_entry(messages, entry, fields)
  if not body then return 0 end
  if not message_of(fields) then
    fields[#fields + 1] = 'id'
    fields[#fields + 1] = id
  end
  redis.call('XADD', docket, '*', unpack(fields))
  return 1
end

-- The last entry that anybody has taken, '0-0' for none; nothing, when there is no group.
local function last_taken(docket, group)
  for _, info in ipairs(redis.call('XINFO', 'GROUPS', docket)) do
    local known = {}
    for i = 1, #info, 2 do known[info[i]] = info[i + 1] end
    if known.name == group then return known['last-delivered-id'] end
  end
end

-- Calls a function with the message id of each entry that waits or is taken, until it answers true.
local function each_living(docket, group, visit)
  if redis.call('EXISTS', docket) == 0 then return end
  local last = '(' .. (last_taken(docket, group) or '0-0')
  while true do
    local page = redis.call('XRANGE', docket, last, '+', 'COUNT', 500)
    if #page == 0 then break end
    for _, entry in ipairs(page) do
      last = '(' .. entry[1]
      if visit(message_of(entry[2])) then return end
    end
  end
  local from = '-'
  while true do
    local page = redis.pcall('XPENDING', docket, group, from, '+', 500)
    if page.err or #page == 0 then return end
    for _, pending in ipairs(page) do
      from = '(' .. pending[1]
      local found = redis.call('XRANGE', docket, pending[1], pending[1])[1]
      if found and visit(message_of(found[2])) then return end
    end
  end
end
