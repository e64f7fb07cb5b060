-- Applies a patch to a living session. A touch is such a patch, too.
-- KEYS: the presented key, the session's index, its handles if the steps need them, and what was asked for. ARGV:
-- checks; steps.

local session, answer = find(KEYS[1], KEYS[2])
if not session then return answer end
answer = unpromotable(session)
if answer then return answer end
if unclear(session.key) then return {'unclear'} end

promote(session, KEYS[2])
follow(session, KEYS[2], sibling(KEYS[1], 'h'), apply(session.key))
return {'done'}
