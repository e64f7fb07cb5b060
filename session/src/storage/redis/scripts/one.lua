local function one(KEYS, ARGV)
