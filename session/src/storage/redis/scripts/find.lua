-- Finding the living session of a key.

-- Returns the keys in grace, as a list of { name, until }.
local function graces(text)
  local found = {}
  for name, till in string.gmatch(text or '', '(%S+) (%d+)') do
    if less(now, till) then found[#found + 1] = {name, till} end
  end
  return found
end

local function via_of(name, pending, grace)
  if pending == name then return 'pending' end
  for _, known in ipairs(grace) do
    if known[1] == name then return 'grace' end
  end
end

-- Returns a table of the living session that a key leads to; else nothing, and the answer.
local function find(key, index)
  local fields = {'@expires_at', '@epoch', '@identified', '@pending', '@grace', '@to', '@moved', '@until', '@followed'}
  local found = redis.call('HMGET', key, unpack(fields))
  if found[7] then
    if not less(now, found[8]) then return nil, {'gone'} end
    if not epoch or found[2] ~= epoch then return nil, {fresh and 'gone' or 'epoch'} end
    return nil, {'moved', found[7], found[9] or ''}
  end
  local session = {key = key, via = 'current'}
  if found[6] then
    local answer = undeclared(key, {found[6]})
    if answer then return nil, answer end
    session.key = sibling(key, found[6])
    found = redis.call('HMGET', session.key, unpack(fields))
  end
  session.pending, session.graces = found[4], graces(found[5])
  session.identified = found[3] == 'true'
  if session.key ~= key then session.via = via_of(member(key), session.pending, session.graces) end
  if not session.via or not found[1] or not less(now, found[1]) then return nil, {'gone'} end
  if not epoch or found[2] ~= epoch then return nil, {fresh and 'gone' or 'epoch'} end
  if session.identified and not redis.call('ZSCORE', index, member(session.key)) then return nil, {'gone'} end
  return session
end
