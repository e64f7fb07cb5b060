-- Ends the session of a handle. What belongs to somebody lives by its index alone, so its record is left as garbage.
-- KEYS: the index, the handles, and what was asked for. ARGV: the handle.

local handle = arg()
if outdated(KEYS[2]) then return {'epoch'} end
local entry = redis.call('HGET', KEYS[2], handle)
if not entry then return {'unknown', tostring(redis.call('ZCARD', KEYS[1])), tostring(redis.call('HLEN', KEYS[2]))} end
if redis.call('HGET', KEYS[2], '@epoch') ~= epoch then return {'gone'} end
local name, identified = string.match(entry, '^(%S+) %d+ %d+ (%a+)$')
if identified ~= 'true' then
  local key = string.sub(KEYS[1], 1, -2) .. name
  local session, answer = nil, undeclared(key, {name})
  if answer then return answer end
  session, answer = find(key, KEYS[1])
  if not session then
    if answer[1] == 'gone' then remove_expired(key, KEYS[1], KEYS[2]) end
    return answer
  end
  remove(session.key, KEYS[1], KEYS[2])
  return {'done'}
end

local expiry = redis.call('ZSCORE', KEYS[1], name)
redis.call('ZREM', KEYS[1], name)
redis.call('HDEL', KEYS[2], handle)
return {expiry and tonumber(expiry) > tonumber(now) and 'done' or 'gone', name}
