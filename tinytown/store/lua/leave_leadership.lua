-- leave_leadership: let another lead at once.
-- KEYS[1] leader (string with a time to live)
-- ARGV[1] who asks
-- Returns 1 when the one who asks was the leader, else 0.
-- Invariant: nobody ends another's leadership.

if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
