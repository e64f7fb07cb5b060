-- Ending a session that lives on under another key.

local function leave(session, index, handles, to, owned)
  local names = others(session)
  names[#names + 1] = member(session.key)
  remove(session.key, index, handles)
  for _, name in ipairs(names) do
    mark(sibling(session.key, name), to, session.identified or owned ~= 'true')
  end
end
