-- Ends a session that was given a new key in another slot.
-- KEYS: the presented key, the session's index, its handles, and what was asked for. ARGV: the version that was
-- copied, or '' for any; the new key; whether the session has an owner there.

local version, to, owned = arg(), arg(), arg()
local session, answer = find(KEYS[1], KEYS[2])
if not session then return answer end
local names = others(session)
answer = undeclared(session.key, names)
if answer then return answer end
if version ~= '' and redis.call('HGET', session.key, '@version') ~= version then return {'changed'} end

leave(session, KEYS[2], KEYS[3], to, owned)
return {'done'}
