-- Keeps a new session.
-- KEYS: the session, its index, its handles. ARGV: the most sessions of its owner, or ''; its time to live; its fields.

if not epoch then return {'epoch'} end
local session, answer = find(KEYS[1], KEYS[2])
if session or answer[1] == 'moved' then return {'taken'} end
if answer[1] ~= 'gone' then return answer end
if outdated(KEYS[3]) then return {'epoch'} end

local max, ttl = arg(), arg()
return place(KEYS[1], KEYS[2], KEYS[3], max, ttl)
