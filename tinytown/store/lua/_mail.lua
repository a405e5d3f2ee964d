-- _mail: move messages between the lists of a mailbox, with their receipts in step.
-- A receipt is our own small JSON, made and read here only; message bodies are never decoded.

local function message_id(entry)
  return string.match(entry, '^{"id":"([%x%-]+)"')
end

local function receipt_of(receipts, id)
  local raw = redis.call('HGET', receipts, id)
  if raw then return cjson.decode(raw) end
  return {queue = 'inbox', wakes = false, attempt = 0, epoch = 0, agent = ''}
end

local function note(receipts, id, receipt, state, now, reason)
  receipt.state = state
  receipt.at = now
  receipt.reason = reason or ''
  redis.call('HSET', receipts, id, cjson.encode(receipt))
end

-- Counts what waits for a turn; never below nothing.
local function count_waiting(turn, by)
  if redis.call('HINCRBY', turn, 'waiting', by) < 0 then redis.call('HSET', turn, 'waiting', 0) end
end

-- Answers whether the message had asked for something.
local function settle(receipts, settled, id, now, reason)
  local receipt = receipt_of(receipts, id)
  note(receipts, id, receipt, 'settled', now, reason)
  redis.call('ZADD', settled, now, id)
  return receipt.wakes
end

-- Puts a taken message back where it came from, in front.
local function put_back(inbox, urgent, turn, receipts, entry, attempts, now, reason)
  local id = message_id(entry)
  local receipt = receipt_of(receipts, id)
  receipt.attempt = receipt.attempt + attempts
  note(receipts, id, receipt, 'queued', now, reason)
  redis.call('LPUSH', receipt.queue == 'urgent' and urgent or inbox, entry)
  if receipt.wakes then count_waiting(turn, 1) end
end

-- Takes the next message out of the mailbox: urgent mail first. A thing that is no
-- message goes to the dead letters. Answers the entry, its id and its receipt, or nil.
local function pop(inbox, urgent, dead, turn, receipts)
  while true do
    local queue = urgent
    local entry = redis.call('LPOP', urgent)
    if not entry then
      queue = inbox
      entry = redis.call('LPOP', inbox)
    end
    if not entry then return nil end
    local id = message_id(entry)
    if id then
      local receipt = receipt_of(receipts, id)
      receipt.queue = queue == urgent and 'urgent' or 'inbox'
      if receipt.wakes then count_waiting(turn, -1) end
      return entry, id, receipt, queue
    end
    redis.call('RPUSH', dead, entry)
  end
end
