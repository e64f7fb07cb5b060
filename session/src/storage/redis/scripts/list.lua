-- Lists or counts the living sessions of an owner, and forgets those that expired long enough ago.
-- KEYS: the index, the handles. ARGV: 'names', 'records' or 'count'.
-- This alone reads keys that it finds, since a list is one round trip; where the server refuses (a slot that is being
-- moved), it answers with names.

if outdated(KEYS[2]) then return {'epoch'} end
local written = redis.call('HGET', KEYS[2], '@epoch')
if written and written ~= epoch then return {'none'} end
prune(KEYS[1], KEYS[2])
local what = arg()
if what == 'count' then return {'count', tostring(redis.call('ZCOUNT', KEYS[1], '(' .. now, '+inf'))} end

local names = living(KEYS[1])
local listed, named = {'records'}, {'names'}
for i, name in ipairs(names) do
  named[i + 1] = name
  local record = what == 'records' and redis.pcall('HGETALL', string.sub(KEYS[1], 1, -2) .. name)
  if record and record.err then what = 'names' end
  listed[2 * i], listed[2 * i + 1] = name, cmsgpack.pack(record or {})
end
return what == 'records' and listed or named
