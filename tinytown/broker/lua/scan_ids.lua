-- scan_ids: read some of the ids that have a message, without the messages.
-- KEYS[1] the messages of the queue (hash, id to body)
-- ARGV[1] where to go on, '0' at first
-- ARGV[2] about how many
-- Returns where to go on ('0' at the end), then the ids.
-- Invariant: reads only.

local page = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
local answer = { page[1] }
for i = 1, #page[2], 2 do
    answer[#answer + 1] = page[2][i]
end
return answer
