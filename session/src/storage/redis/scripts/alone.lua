-- Carries out one call.
-- KEYS: its own; last, but in a cluster, the key of the epoch. ARGV: one text that holds its arguments.

local args = cmsgpack.unpack(ARGV[1])
begin(KEYS, args, args[1] == '' and redis.call('GET', KEYS[#KEYS]))
return cmsgpack.pack(carry_out())
