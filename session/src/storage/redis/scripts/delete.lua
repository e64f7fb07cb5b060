-- Ends the session of a key.
-- KEYS: the presented key, the session's index, its handles, one that is never there, and what was asked for. ARGV: the
-- version that it must have, if any.

local version = arg()
local session, answer = find(KEYS[1], KEYS[2])
if not session then
  if answer[1] == 'gone' and not version then remove_expired(KEYS[1], KEYS[2], KEYS[3]) end
  return answer
end
if version and redis.call('HGET', session.key, '@version') ~= version then return {'changed'} end
remove(session.key, KEYS[2], KEYS[3])
return {'done'}
