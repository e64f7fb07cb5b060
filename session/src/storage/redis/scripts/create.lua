-- Keeps a new session.
-- KEYS: the session, its index, its handles. ARGV: whether it has an owner; the most sessions of its owner, or ''; its
-- time to live; its fields.

if not epoch then return {'epoch'} end
local session, answer = find(KEYS[1], KEYS[2])
if session or answer[1] == 'moved' then return {'taken'} end
if answer[1] ~= 'gone' then return answer end
if outdated(KEYS[3]) then return {'epoch'} end

local owned, max, ttl = arg(), arg(), arg()
return place(KEYS[1], KEYS[2], KEYS[3], owned, max, ttl)
