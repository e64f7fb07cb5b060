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
local ttl = apply(session.key)
if ttl or session.promoted then settle(session.key, KEYS[2], KEYS[3], ttl) end
if young or session.via == 'grace' then return {'done'} end

if earlier then mark(sibling(session.key, earlier), KEYS[4], true) end
redis.call('HSET', session.key, '@pending', member(KEYS[4]), '@pending_since', now, '@pending_grace', grace)
redis.call('HSET', KEYS[4], '@to', member(session.key))
-- It may wait as long as the session can live, however often that is prolonged.
local left = tonumber(redis.call('HGET', session.key, '@deadline')) - tonumber(now) + 300000
left = math.min(math.max(left, redis.call('PTTL', session.key)), 3155760000000)
redis.call('PEXPIRE', KEYS[4], string.format('%.0f', left))
return {'rotated'}
