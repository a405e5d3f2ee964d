-- give_back: return taken messages to the front of their queue.
-- KEYS[1] what this process has taken from the queue (set of ids)
-- KEYS[2] the queue (list of ids)
-- KEYS[3] the messages of the queue (hash, id to body)
-- ARGV[1..] the ids, the one to run first in front
-- Returns how many went back.
-- Invariant: an id goes back only from the holder, and only when it has a body.

local returned = 0
for i = #ARGV, 1, -1 do
    if redis.call('SREM', KEYS[1], ARGV[i]) == 1 and redis.call('HEXISTS', KEYS[3], ARGV[i]) == 1 then
        redis.call('LPUSH', KEYS[2], ARGV[i])
        returned = returned + 1
    end
end
return returned
