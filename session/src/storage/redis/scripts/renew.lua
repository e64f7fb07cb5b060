-- Applies a patch to a living session, and issues a pending key for it.
-- KEYS: the presented key, the session's index, its handles, the new key, and what was asked for.
-- ARGV: the grace; checks; steps.

local grace = arg()
local session, answer = find(KEYS[1], KEYS[2])
if not session then return answer end
answer = unpromotable(session)
if answer then return answer end
if redis.call('EXISTS', KEYS[4]) == 1 then return {'taken'} end

local earlier = session.via == 'current' and session.pending
local young = false
if earlier then
  young = less(now, later(redis.call('HGET', session.key, '@pending_since'), grace))
  answer = not young and undeclared(session.key, {earlier})
  if answer then return answer end
end
if unclear(session.key) then return {'unclear'} end

promote(session, KEYS[2])
follow(session, KEYS[2], KEYS[3], apply(session.key))
if young or session.via == 'grace' then return {'done'} end

if earlier then mark(sibling(session.key, earlier), KEYS[4], true) end
redis.call('HSET', session.key, '@pending', member(KEYS[4]), '@pending_since', now, '@pending_grace', grace)
redis.call('HSET', KEYS[4], '@to', member(session.key))
session.pending = member(KEYS[4])
wait(session)
return {'rotated'}
