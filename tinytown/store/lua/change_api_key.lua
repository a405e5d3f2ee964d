-- change_api_key: replace the record of a key, if it is still the one that was read.
-- KEYS[1] keys (hash: key id -> record, JSON)
-- ARGV[1] key id
-- ARGV[2] record that was read
-- ARGV[3] record to write
-- Returns 'changed', or 'other' and changes nothing.
-- Invariant: a use that is noted late cannot undo a revocation.

if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 'other' end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 'changed'
