-- write_output: append what a turn printed, for as long as its agent is there.
-- KEYS[1] agent record (string, JSON)
-- KEYS[2] output of the agent's turns (stream)
-- ARGV[1] about how many entries are kept
-- ARGV[2] number of the turn
-- ARGV[3] what it printed
-- Returns 'written' or 'missing'.
-- Invariant: a turn that goes on after its agent was deleted leaves nothing behind.

if redis.call('EXISTS', KEYS[1]) == 0 then return 'missing' end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[1], '*', 'round', ARGV[2], 'data', ARGV[3])
return 'written'
