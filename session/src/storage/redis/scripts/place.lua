-- Keeping a session under a key that nothing alive uses.

local function place(key, index, handles, max, ttl)
  enter(index, handles)
  redis.call('UNLINK', key)
  hset(key, count())
  redis.call('HSET', key, '@epoch', epoch)
  settle(key, index, handles, ttl)
  tidy(index, handles)
  local answer = {'rotated'}
  if max ~= '' then evict(index, handles, member(key), max, answer) end
  return answer
end
