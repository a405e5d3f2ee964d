-- _event: append one event to the streams whose keys end the list of keys.

-- `key` is the number of the first stream, `arg` that of the kind, followed by the event
-- as JSON and one length limit for each stream. An empty kind appends nothing.
local function emit(key, arg)
  if ARGV[arg] == '' then return end
  for i = key, #KEYS do
    redis.call('XADD', KEYS[i], 'MAXLEN', '~', ARGV[arg + 2 + i - key], '*', 'event_type', ARGV[arg], 'data', ARGV[arg + 1])
  end
end
