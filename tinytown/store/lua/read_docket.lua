-- read_docket: count the bells on the stream that nobody has taken, and those that are being answered.
-- include: _lag
-- KEYS[1] docket (stream)
-- ARGV[1] the consumer group
-- ARGV[2] how many entries are counted one by one, where the server cannot say how many wait
-- Returns {waiting, taken}.
-- Invariant: reads only; what cannot be told is more, never nothing.

return {lag_of(KEYS[1], ARGV[1], tonumber(ARGV[2]))}
