-- Ends all sessions of an owner, but perhaps one. They live by the index alone, so their records are left as garbage.
-- KEYS: the index, the handles. ARGV: the handle of the one to keep, or ''; its name, if the client knows it.

local except, kept = arg(), arg()
if outdated(KEYS[2]) then return {'epoch'} end
local written = redis.call('HGET', KEYS[2], '@epoch')
local counted = not written or written == epoch
if except ~= '' and kept == '' then
  local entry = redis.call('HGET', KEYS[2], except)
  if not entry and counted and redis.call('ZCARD', KEYS[1]) >= redis.call('HLEN', KEYS[2]) then return {'unknown'} end
  kept = entry and string.match(entry, '^%S+') or ''
end

local live, answer = 0, {'0'}
for _, name in ipairs(living(KEYS[1])) do
  if name ~= kept then live = live + 1 end
end
local handles, ended = {}, {}
each(KEYS[2], function(handle, name)
  if name ~= kept then handles[#handles + 1] = handle end
end)
for _, name in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if name ~= kept then
    ended[#ended + 1] = name
    answer[#answer + 1] = name
  end
end
for first = 1, #ended, 1000 do
  redis.call('ZREM', KEYS[1], unpack(ended, first, math.min(first + 999, #ended)))
end
hdel(KEYS[2], handles)
if counted then answer[1] = tostring(live) end
return answer
