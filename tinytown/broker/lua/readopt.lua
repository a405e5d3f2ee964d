-- readopt: put messages that nobody holds back into their queue.
-- KEYS[1] the queue (list of ids)
-- KEYS[2] the messages of the queue (hash, id to body)
-- KEYS[3..] what each known process has taken from the queue (sets of ids)
-- ARGV[1..] the ids that seem to belong to nobody
-- Returns how many went back.
-- Invariant: an id goes back only when it has a body and stands in no queue and no set.

local returned = 0
for _, id in ipairs(ARGV) do
    local orphan = redis.call('HEXISTS', KEYS[2], id) == 1 and not redis.call('LPOS', KEYS[1], id)
    for i = 3, #KEYS do
        orphan = orphan and redis.call('SISMEMBER', KEYS[i], id) == 0
    end
    if orphan then
        redis.call('LPUSH', KEYS[1], id)
        returned = returned + 1
    end
end
return returned
