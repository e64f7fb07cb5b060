-- Applies a patch to a living session and moves it to a new key at once.
-- KEYS: the presented key, the session's index, its handles, the new key, its index, its handles, and what was asked
-- for. ARGV: the most sessions of its owner, or ''; checks; steps.

if not epoch then return {'epoch'} end
local max = arg()
local session, answer = find(KEYS[1], KEYS[2])
if not session then return answer end
if session.via == 'grace' then return {'moved'} end
local names = others(session)
answer = undeclared(session.key, names)
if answer then return answer end
if redis.call('EXISTS', KEYS[4]) == 1 then return {'taken'} end
if outdated(KEYS[6]) then return {'epoch'} end
if unclear(session.key) then return {'unclear'} end

if KEYS[6] ~= KEYS[3] then enter(KEYS[5], KEYS[6]) end
redis.call('RENAME', session.key, KEYS[4])
redis.call('HDEL', KEYS[4], '@pending', '@pending_since', '@pending_grace', '@grace')
redis.call('ZREM', KEYS[2], member(session.key))
redis.call('HDEL', KEYS[3], redis.call('HGET', KEYS[4], '@handle') or '')
local ttl = apply(KEYS[4])
local identified = redis.call('HGET', KEYS[4], '@identified') == 'true'
local followed = session.identified or not identified
names[#names + 1] = member(session.key)
for _, name in ipairs(names) do mark(sibling(session.key, name), KEYS[4], followed) end
settle(KEYS[4], KEYS[5], KEYS[6], ttl)
tidy(KEYS[5], KEYS[6])
answer = {'rotated'}
if identified and max ~= '' then evict(KEYS[5], KEYS[6], member(KEYS[4]), max, answer) end
return answer
