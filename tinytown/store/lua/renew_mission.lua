-- renew_mission: keep the lease on driving a mission.
-- KEYS[1] dispatch lock (string with a time to live)
-- ARGV[1] token of the lease
-- ARGV[2] lease in milliseconds
-- Returns 'renewed' or 'not leased'.
-- Invariant: a lease that ran out is not revived.

if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'not leased' end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 'renewed'
