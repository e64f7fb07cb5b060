-- The other keys of a session: a pending one, and those in grace. Each is a hash that refers to the session's.

-- Returns the names of the other keys.
local function others(session)
  local names = {}
  if session.pending then names[1] = session.pending end
  for _, grace in ipairs(session.graces) do names[#names + 1] = grace[1] end
  return names
end

-- Returns the answer that asks for the keys which the promotion of a pending key needs.
local function unpromotable(session)
  if session.via ~= 'pending' then return nil end
  local names = {}
  for _, grace in ipairs(session.graces) do names[#names + 1] = grace[1] end
  names[#names + 1] = 'h'
  names[#names + 1] = NEVER
  return undeclared(session.key, names)
end

-- Returns a time so many milliseconds later; both are far below 2^53.
local function later(time, millis)
  return string.format('%.0f', tonumber(time) + tonumber(millis))
end

-- Makes a pending key the current one, if it is what was presented.
local function promote(session, index)
  if session.via ~= 'pending' then return end
  local old, new = session.key, sibling(session.key, session.pending)
  local grace = redis.call('HGET', old, '@pending_grace')
  session.graces[#session.graces + 1] = {member(old), later(now, grace)}
  redis.call('UNLINK', new)
  redis.call('RENAME', old, new)
  redis.call('HDEL', new, '@pending', '@pending_since', '@pending_grace')
  local text = {}
  for i, known in ipairs(session.graces) do
    local key = sibling(old, known[1])
    redis.call('HSET', key, '@to', session.pending)
    redis.call('PEXPIRE', key, string.format('%.0f', tonumber(known[2]) - tonumber(now) + 300000))
    text[i] = known[1] .. ' ' .. known[2]
  end
  redis.call('HSET', new, '@grace', table.concat(text, ' '))
  redis.call('ZREM', index, member(old))
  session.key, session.pending, session.promoted = new, nil, true
end

-- Lets a pending key wait as long as its session can live, however often that is prolonged.
local function wait(session)
  local left = tonumber(redis.call('HGET', session.key, '@deadline')) - tonumber(now) + 300000
  left = math.min(math.max(left, redis.call('PTTL', session.key)), 3155760000000)
  -- A change does not declare it: where the server refuses this, it waits as long as it did.
  redis.pcall('PEXPIRE', sibling(session.key, session.pending), string.format('%.0f', left))
end

-- Brings up to date what belongs to a session that was changed.
local function follow(session, index, handles, ttl)
  if ttl or session.promoted then settle(session.key, index, handles, ttl) end
  if ttl and session.pending then wait(session) end
end

-- Leaves a marker that says where a session went.
local function mark(key, to, followed)
  redis.call('UNLINK', key)
  local followed_text = followed and 'true' or 'false'
  redis.call('HSET', key, '@moved', to, '@until', later(now, 30000), '@followed', followed_text, '@epoch', epoch)
  redis.call('PEXPIRE', key, 330000)
end
