-- _tally: count turns by how they ended and by how long they took.

-- The longest each bucket holds, in milliseconds; what takes longer is in none of them.
local BUCKETS = {
  1000, 5000, 15000, 30000, 60000, 120000, 300000, 600000, 1800000, 3600000, 7200000, 14400000,
}

-- Endings without a run of a program, of which a duration would say nothing.
local UNTIMED = {skipped = true, not_found = true, worker_lost = true}

-- `took` is how long the turn took, in milliseconds.
local function tally(counters, ending, took)
  redis.call('HINCRBY', counters, 'turns:' .. ending, 1)
  if UNTIMED[ending] then return end
  local bucket = 'inf'
  for _, longest in ipairs(BUCKETS) do
    if took <= longest then
      bucket = string.format('%d', longest)
      break
    end
  end
  redis.call('HINCRBY', counters, 'took:' .. bucket, 1)
  redis.call('HINCRBY', counters, 'took:ms', string.format('%d', math.max(0, took)))
end
