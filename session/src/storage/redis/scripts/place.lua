-- Keeping a session under a key that nothing alive uses.

local function place(key, index, handles, owned, max, ttl)
  -- A full server refuses what takes room, but not after a write that takes none: who signs in is let in.
  if owned ~= 'true' then redis.call('HSET', key, '@epoch', epoch) end
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
