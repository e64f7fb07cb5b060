-- Replaces the session that an end of the presented key ends, if there is one, by a new one.
-- KEYS: the presented key, its index, its handles, the new key, its index, its handles, and what was asked for.
-- ARGV: whether the new session has an owner; the most sessions of its owner, or ''; its time to live; its fields.

if not epoch then return {'epoch'} end
local session, answer = find(KEYS[1], KEYS[2])
local left = not session and answer[1] == 'moved' and answer[3] ~= 'true'
if not session and not left and answer[1] ~= 'gone' then return answer end
answer = session and undeclared(session.key, others(session))
if answer then return answer end
if redis.call('EXISTS', KEYS[4]) == 1 then return {'taken'} end
if outdated(KEYS[6]) then return {'epoch'} end

local owned, max, ttl = arg(), arg(), arg()
if session then leave(session, KEYS[2], KEYS[3], KEYS[4], owned) end
return place(KEYS[4], KEYS[5], KEYS[6], owned, max, ttl)
