-- Returns the epoch, or raises it, which ends every session that was created before.
-- It comes from the clock, so that one which was lost is never the same again.
-- KEYS: the epoch. ARGV: something, to raise it.

local function less(left, right)
  return #left < #right or (#left == #right and left < right)
end

local known = redis.call('GET', KEYS[1])
if known and not ARGV[1] then return cmsgpack.pack({known}) end
local time = redis.call('TIME')
local epoch = string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
if known and not less(known, epoch) then epoch = string.format('%.0f', tonumber(known) + 1) end
-- A full server refuses what takes room, but not after a write that takes none.
redis.call('PERSIST', KEYS[1])
redis.call('SET', KEYS[1], epoch)
return cmsgpack.pack({epoch})
