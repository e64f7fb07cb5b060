-- Reads what is under a key, whether it is in the index, and the epoch, all at one moment.
-- KEYS: the key, the index, and, but in a cluster, the key of the epoch.

local texts = redis.call('HGETALL', KEYS[1])
local indexed = redis.call('ZSCORE', KEYS[2], string.sub(KEYS[1], -43))
local epoch = KEYS[3] and redis.call('GET', KEYS[3])
texts[#texts + 1] = indexed or ''
texts[#texts + 1] = epoch or ''
return cmsgpack.pack(texts)
