-- add_api_key: keep the record of a new key under a name that no other live key has.
-- KEYS[1] keys (hash: key id -> record, JSON)
-- KEYS[2] names (hash: name -> id of the newest key of that name)
-- ARGV[1] key id
-- ARGV[2] name
-- ARGV[3] record, JSON
-- ARGV[4] id of the dead key that has the name so far, or empty
-- Returns 'added', or 'taken' and changes nothing.
-- Invariant: whoever took the name in between keeps it.

local holder = redis.call('HGET', KEYS[2], ARGV[2]) or ''
if holder ~= ARGV[4] then return 'taken' end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('HSET', KEYS[2], ARGV[2], ARGV[1])
return 'added'
