-- The index of a tag: a sorted set of the sessions that belong to somebody, by their expiry, which decides whether they
-- live; and a hash, handle → "name seen_at created_at identified", with the epoch in which both were last written.

-- Lets a key live at least so long.
local function extend(key, ttl)
  if redis.call('PTTL', key) < tonumber(ttl) then redis.call('PEXPIRE', key, ttl) end
end

-- Forgets what was written before everyone's sessions were ended.
local function enter(index, handles)
  if redis.call('HGET', handles, '@epoch') ~= epoch then redis.call('UNLINK', index, handles) end
end

-- Brings the index, and all times to live, up to date with a session.
local function settle(key, index, handles, ttl)
  local meta = redis.call('HMGET', key, '@handle', '@seen_at', '@created_at', '@identified', '@expires_at')
  if ttl then redis.call('PEXPIRE', key, ttl) else ttl = redis.call('PTTL', key) end
  if meta[4] == 'true' then
    redis.call('ZADD', index, meta[5], member(key))
    extend(index, ttl)
  end
  local place = table.concat({member(key), meta[2], meta[3], meta[4]}, ' ')
  redis.call('HSET', handles, '@epoch', epoch, meta[1], place)
  extend(handles, ttl)
end

-- Calls `visit` with the handle, name, seen_at, created_at of each session that is kept to belong to somebody.
local function each(handles, visit)
  local all = redis.call('HGETALL', handles)
  for i = 1, #all, 2 do
    local name, seen, created, identified = string.match(all[i + 1], '^(%S+) (%d+) (%d+) (%a+)$')
    if identified == 'true' then visit(all[i], name, seen, created) end
  end
end

-- Returns when expired what is forgotten now: to another clock it may live for a while.
local function forgotten()
  return string.format('%.0f', tonumber(now) - 300000)
end

-- Forgets the sessions that expired.
local function prune(index, handles)
  if redis.call('ZREMRANGEBYSCORE', index, '-inf', forgotten()) == 0 then return end
  local dead = {}
  each(handles, function(handle, name)
    if not redis.call('ZSCORE', index, name) then dead[#dead + 1] = handle end
  end)
  hdel(handles, dead)
end

-- Forgets the sessions that expired once they are more than those that live and enough: what is read for that is no more
-- than twice what is forgotten.
local function tidy(index, handles)
  local dead = redis.call('ZCOUNT', index, '-inf', forgotten())
  if dead > 16 and 2 * dead > redis.call('ZCARD', index) then prune(index, handles) end
end

-- Ends a session.
local function remove(key, index, handles)
  local handle = redis.call('HGET', key, '@handle') or ''
  redis.call('UNLINK', key)
  redis.call('ZREM', index, member(key))
  redis.call('HDEL', handles, handle)
  if redis.call('HLEN', handles) == 1 and redis.call('EXISTS', index) == 0 then redis.call('UNLINK', handles) end
end

-- Ends a session that is not alive by this clock: by another it may be.
local function remove_expired(key, index, handles)
  if redis.call('HEXISTS', key, '@version') == 1 then remove(key, index, handles) end
end

-- Returns the names of the living sessions.
local function living(index)
  return redis.call('ZRANGEBYSCORE', index, '(' .. now, '+inf')
end

-- Handles are base64, whose letters are in another order than their codes.
local LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
local rank

-- Returns a text that is ordered as the bytes of a handle are.
local function order(handle)
  if not rank then
    rank = {}
    for i = 1, #LETTERS do rank[string.sub(LETTERS, i, i)] = string.char(31 + i) end
  end
  return (string.gsub(handle, '.', rank))
end

local function longer_ago(left, right)
  for i = 1, 2 do
    if left[i] ~= right[i] then return less(left[i], right[i]) end
  end
  return order(left[3]) < order(right[3])
end

-- Ends those seen longest ago, but for `kept`, if they are more than `max`. Appends their handles and names to `answer`.
local function evict(index, handles, kept, max, answer)
  prune(index, handles)
  local names = living(index)
  local surplus = #names - tonumber(max)
  if surplus <= 0 then return end
  local known, others = {}, {}
  each(handles, function(handle, name, seen, created) known[name] = {seen, created, handle, name} end)
  for _, name in ipairs(names) do
    if name ~= kept then others[#others + 1] = known[name] or {'0', '0', '', name} end
  end
  table.sort(others, longer_ago)
  for i = 1, math.min(surplus, #others) do
    redis.call('ZREM', index, others[i][4])
    redis.call('HDEL', handles, others[i][3])
    answer[#answer + 1] = others[i][3]
    answer[#answer + 1] = others[i][4]
  end
end
