-- keep_in_mind: keep what the scaler of a town must not forget.
-- KEYS[1] who leads of the scalers (string with a time to live)
-- KEYS[2] what it keeps in mind (string, JSON)
-- ARGV[1] who asks
-- ARGV[2] what to keep
-- Returns 'kept', or 'lost' when another leads, or nobody.
-- Invariant: a scaler whose lease has run out overwrites nothing.

if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'lost' end
redis.call('SET', KEYS[2], ARGV[2])
return 'kept'
