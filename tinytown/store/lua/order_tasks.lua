-- order_tasks: give tasks their places in the order, and take from it what is gone.
-- KEYS[1] task ids (zset)
-- KEYS[2] tasks by when they were stored (zset)
-- ARGV[1…] for each task: id, when it was stored (ms)
-- Returns how many places were given or taken.
-- Invariant: a task that has a place keeps it; one that was deleted meanwhile gets none.

local mended = 0
for i = 1, #ARGV, 2 do
  if redis.call('ZSCORE', KEYS[1], ARGV[i]) then
    mended = mended + redis.call('ZADD', KEYS[2], 'NX', ARGV[i + 1], ARGV[i])
  else
    mended = mended + redis.call('ZREM', KEYS[2], ARGV[i])
  end
end
return mended
