-- Ends a session that was given a new key in another slot.
-- KEYS: the presented key, the session's index, its handles, one that is never there, and what was asked for. ARGV: the
-- version, seen_at and expires_at of what was copied, or '' for any; the new key; whether the session has an owner there.

local copied, to, owned = arg(), arg(), arg()
local session, answer = find(KEYS[1], KEYS[2])
if not session then return answer end
local names = others(session)
answer = undeclared(session.key, names)
if answer then return answer end
if copied ~= '' then
  if session.via == 'grace' then return {'moved'} end
  -- To be used raises no version.
  local found = redis.call('HMGET', session.key, '@version', '@seen_at', '@expires_at')
  if table.concat(found, ' ') ~= copied then return {'changed'} end
end

leave(session, KEYS[2], KEYS[3], to, owned)
return {'done'}
